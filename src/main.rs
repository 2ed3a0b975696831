fn main() {
    verify_examples::run::serve_if_zygote();
}
