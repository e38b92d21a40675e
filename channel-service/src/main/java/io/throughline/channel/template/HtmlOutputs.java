package io.throughline.channel.template;

/**
 * Adds a filter to every <code>{{ … }}</code> of a Liquid text. The parser has no hook that tells
 * printed values from the text around them, so this is done on the source.
 */
final class HtmlOutputs {

    private final String source;
    private final String addition;
    private final StringBuilder out;
    private int at;

    private HtmlOutputs(String source, String filter) {
        this.source = source;
        this.addition = " | " + filter + " ";
        this.out = new StringBuilder(source.length() + 64);
    }

    static String withFilter(String source, String filter) {
        return new HtmlOutputs(source, filter).run();
    }

    private String run() {
        while (at < source.length()) {
            if (source.startsWith("{{", at)) {
                output();
            } else if (source.startsWith("{%", at)) {
                tag();
            } else {
                out.append(source.charAt(at++));
            }
        }
        return out.toString();
    }

    private void output() {
        int end = closing(at + 2);
        if (end < 0) {
            copyTo(source.length());
            return;
        }
        int inside = source.charAt(end - 1) == '-' && end - 1 > at + 2 ? end - 1 : end;
        copyTo(inside);
        out.append(addition);
        copyTo(end + 2);
    }

    /** What stands in raw and comment blocks is no output. */
    private void tag() {
        int end = source.indexOf("%}", at);
        if (end < 0) {
            copyTo(source.length());
            return;
        }
        String name = source.substring(at + 2, end).replace("-", " ").strip();
        copyTo(end + 2);
        if (name.equals("raw") || name.equals("comment")) {
            int close = endOf(name);
            copyTo(close < 0 ? source.length() : close);
        }
    }

    private int endOf(String block) {
        int from = at;
        while (true) {
            int open = source.indexOf("{%", from);
            if (open < 0) {
                return -1;
            }
            int close = source.indexOf("%}", open);
            if (close < 0) {
                return -1;
            }
            if (source.substring(open + 2, close).replace("-", " ").strip().equals("end" + block)) {
                return open;
            }
            from = open + 2;
        }
    }

    /** Where the {@code }}} is that closes an output; one within quotes does not. */
    private int closing(int from) {
        char quote = 0;
        for (int i = from; i < source.length() - 1; i++) {
            char c = source.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '}' && source.charAt(i + 1) == '}') {
                return i;
            }
        }
        return -1;
    }

    private void copyTo(int end) {
        out.append(source, at, end);
        at = end;
    }
}
