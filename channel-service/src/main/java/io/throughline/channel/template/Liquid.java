package io.throughline.channel.template;

import java.io.IOException;
import java.util.Map;
import liqp.Template;
import liqp.TemplateContext;
import liqp.TemplateParser;
import liqp.exceptions.LiquidException;
import liqp.filters.Filter;
import liqp.parser.Flavor;
import org.jspecify.annotations.Nullable;

/** One Liquid text, parsed. Not safe for use by several threads at once. */
final class Liquid {

    private static final int MOST_ITERATIONS = 10_000;
    private static final int LONGEST_RENDERED = 512 * 1024;

    /** The filter that stands at the end of everything an html text prints. */
    private static final String PRINTED = "printed_in_html";

    private static final TemplateParser TEXT = parser().build();
    private static final TemplateParser HTML =
            parser().withFilter(new Marking("raw", text -> text))
                    .withFilter(new Marking("escape", Liquid::escape))
                    .withFilter(new Printed())
                    .build();

    private final Template template;

    private Liquid(Template template) {
        this.template = template;
    }

    /** A text that cannot be used; the message says what and where. */
    static final class Flawed extends Exception {
        private static final long serialVersionUID = 1;

        Flawed(String message) {
            super(message);
        }
    }

    /** Plain text: what is printed stands as it is. */
    static Liquid text(String source) throws Flawed {
        return parse(TEXT, source);
    }

    /** HTML: what is printed is escaped, unless its last filter is {@code raw}. */
    static Liquid html(String source) throws Flawed {
        return parse(HTML, HtmlOutputs.withFilter(source, PRINTED));
    }

    /**
     * @throws Flawed where the text asks for what does not exist, or for too much
     */
    String render(Map<String, Object> variables) throws Flawed {
        try {
            return template.render(variables);
        } catch (RuntimeException e) {
            throw new Flawed(reason(e));
        }
    }

    private static Liquid parse(TemplateParser parser, String source) throws Flawed {
        Liquid liquid;
        try {
            liquid = new Liquid(parser.parse(source));
        } catch (RuntimeException e) {
            throw new Flawed(reason(e));
        }
        // Unknown filters and tags come out only when it is rendered.
        liquid.render(Map.of());
        return liquid;
    }

    /** Nothing is read from files, whatever a template includes. */
    private static TemplateParser.Builder parser() {
        return new TemplateParser.Builder()
                .withFlavor(Flavor.LIQUID)
                .withErrorMode(TemplateParser.ErrorMode.STRICT)
                .withNameResolver(name -> {
                    throw new IOException("include is not available");
                })
                .withShowExceptionsFromInclude(true)
                .withMaxIterations(MOST_ITERATIONS)
                .withMaxSizeRenderedString(LONGEST_RENDERED);
    }

    private static String reason(RuntimeException e) {
        Throwable cause = e;
        while (!(cause instanceof LiquidException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        String line =
                message == null
                        ? cause.getClass().getSimpleName()
                        : message.lines().findFirst().orElse("");
        return "cannot be read as Liquid: " + line;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A text that is HTML already. */
    private record Markup(String html) {
        @Override
        public String toString() {
            return html;
        }
    }

    private interface Step {
        String of(String text);
    }

    /** A filter whose result is HTML. */
    private static final class Marking extends Filter {
        private final Step step;

        Marking(String name, Step step) {
            super(name);
            this.step = step;
        }

        @Override
        public Object apply(@Nullable Object value, TemplateContext context, Object... parameters) {
            return new Markup(step.of(asString(value, context)));
        }
    }

    private static final class Printed extends Filter {
        Printed() {
            super(PRINTED);
        }

        @Override
        public Object apply(@Nullable Object value, TemplateContext context, Object... parameters) {
            return value instanceof Markup(String html) ? html : escape(asString(value, context));
        }
    }
}
