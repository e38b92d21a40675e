package io.throughline.channel.template;

import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeTraversor;
import org.jsoup.select.NodeVisitor;

/** The text of an email for readers without HTML: blocks on lines, links after their words. */
final class PlainText {

    private static final Set<String> BLOCKS =
            Set.of(
                    "p",
                    "div",
                    "br",
                    "tr",
                    "table",
                    "ul",
                    "ol",
                    "li",
                    "h1",
                    "h2",
                    "h3",
                    "h4",
                    "h5",
                    "h6",
                    "blockquote",
                    "hr",
                    "section",
                    "article",
                    "header",
                    "footer");

    private PlainText() {}

    static String of(String html) {
        StringBuilder text = new StringBuilder();
        NodeTraversor.traverse(
                new NodeVisitor() {
                    @Override
                    public void head(Node node, int depth) {
                        begin(node, text);
                    }

                    @Override
                    public void tail(Node node, int depth) {
                        end(node, text);
                    }
                },
                Jsoup.parse(html).body());
        return text.toString()
                .replaceAll("[ \\t]+", " ")
                .replaceAll(" ?\\n ?", "\n")
                .replaceAll("\\n{3,}", "\n\n")
                .strip();
    }

    private static void begin(Node node, StringBuilder text) {
        if (node instanceof TextNode words) {
            text.append(words.text());
        } else if (node.nodeName().equals("li")) {
            text.append("\n- ");
        } else if (BLOCKS.contains(node.nodeName())) {
            text.append('\n');
        }
    }

    private static void end(Node node, StringBuilder text) {
        if (node instanceof Element link && link.nodeName().equals("a")) {
            String url = link.attr("href");
            if (url.startsWith("http") && !link.text().equals(url)) {
                text.append(" (").append(url).append(')');
            }
        } else if (BLOCKS.contains(node.nodeName()) && !node.nodeName().equals("br")) {
            text.append('\n');
        }
    }
}
