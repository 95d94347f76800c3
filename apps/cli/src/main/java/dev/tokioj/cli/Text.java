package dev.tokioj.cli;

/** Text of a peer on a terminal of ours. */
final class Text {
    private Text() {}

    /** Without control characters, C1 ones included: nothing a peer sends may move the cursor or change colours. */
    static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().map(c -> Character.isISOControl(c) ? '?' : c).forEach(out::appendCodePoint);
        return out.toString();
    }
}
