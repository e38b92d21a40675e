package io.throughline.bench.checker;

/** What the checker can see broken. */
public enum Promise {
    P1("received after an acknowledged stop"),
    P2("received in the silence after an acknowledged conversion"),
    P3("received beyond a cap"),
    P5("received again");

    private final String words;

    Promise(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }
}
