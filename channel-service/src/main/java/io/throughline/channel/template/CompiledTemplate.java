package io.throughline.channel.template;

import io.throughline.channel.template.TemplateDocument.Flaw;
import io.throughline.channel.template.TemplateDocument.Variant;
import io.throughline.contracts.Channel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IllformedLocaleException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A template that can be rendered. Not safe for use by several threads at once. */
public final class CompiledTemplate {

    private static final int MOST_VARIANTS = 100;
    private static final int LONGEST_SUBJECT = 1_000;
    private static final int LONGEST_BODY = 200_000;
    private static final int LONGEST_SMS = 5_000;

    /** Ten segments of a long text in GSM 03.38. */
    private static final int LONGEST_RENDERED_SMS = 1_530;

    private final List<CompiledVariant> variants;

    private CompiledTemplate(List<CompiledVariant> variants) {
        this.variants = variants;
    }

    /** What compiling a document gives. */
    public sealed interface Compilation {}

    public record Compiled(CompiledTemplate template) implements Compilation {}

    /**
     * @param flaws all of them, each naming its field as in {@code variants[0].html}
     */
    public record Refused(List<Flaw> flaws) implements Compilation {}

    /** What a template says. */
    public sealed interface Rendered {}

    public record Sms(String text) implements Rendered {}

    /**
     * @param text absent where it is to be made from the html
     */
    public record Email(String subject, String html, @Nullable String text) implements Rendered {}

    public record NotRendered(String why) implements Rendered {}

    private record CompiledVariant(
            Channel channel,
            @Nullable String locale,
            @Nullable Liquid subject,
            @Nullable Liquid html,
            @Nullable Liquid text) {}

    public static Compilation compile(TemplateDocument document) {
        List<Flaw> flaws = new ArrayList<>();
        List<CompiledVariant> compiled = new ArrayList<>();
        if (document.variants().isEmpty() || document.variants().size() > MOST_VARIANTS) {
            flaws.add(new Flaw("variants", "expected 1 to " + MOST_VARIANTS + " variants"));
            return new Refused(flaws);
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < document.variants().size(); i++) {
            Variant variant = document.variants().get(i);
            String path = "variants[" + i + "]";
            if (!seen.add(variant.channel() + "/" + canonical(variant.locale()))) {
                flaws.add(new Flaw(path, "there is another variant for this channel and locale"));
            }
            compiled.add(new Reading(variant, path, flaws).read());
        }
        return flaws.isEmpty()
                ? new Compiled(new CompiledTemplate(List.copyOf(compiled)))
                : new Refused(List.copyOf(flaws));
    }

    /** Whether the template says anything on a channel. */
    public boolean speaks(Channel channel) {
        return variants.stream().anyMatch(v -> v.channel() == channel);
    }

    /**
     * @param locale BCP 47 tag; the variant of {@code en-GB}, else of {@code en}, else the one
     *     without a locale is taken
     * @param variables those that are missing render empty
     */
    public Rendered render(
            Channel channel, @Nullable String locale, Map<String, Object> variables) {
        Optional<CompiledVariant> variant = variant(channel, locale);
        if (variant.isEmpty()) {
            return new NotRendered(
                    "the template has no variant for "
                            + channel.word()
                            + (locale == null ? "" : " and " + locale));
        }
        try {
            return render(variant.get(), variables);
        } catch (Liquid.Flawed e) {
            return new NotRendered("the template " + e.getMessage());
        }
    }

    private static Rendered render(CompiledVariant variant, Map<String, Object> variables)
            throws Liquid.Flawed {
        Liquid subject = variant.subject();
        Liquid html = variant.html();
        Liquid text = variant.text();
        if (subject != null && html != null) {
            return new Email(
                    subject.render(variables).replaceAll("\\s+", " ").strip(),
                    html.render(variables),
                    text == null ? null : text.render(variables));
        }
        String sms = text == null ? "" : text.render(variables).strip();
        if (sms.isEmpty()) {
            return new NotRendered("the text came out empty");
        }
        return sms.length() > LONGEST_RENDERED_SMS
                ? new NotRendered(
                        "the text came out longer than " + LONGEST_RENDERED_SMS + " characters")
                : new Sms(sms);
    }

    private Optional<CompiledVariant> variant(Channel channel, @Nullable String locale) {
        String wanted = canonical(locale);
        while (true) {
            String tag = wanted;
            Optional<CompiledVariant> found =
                    variants.stream()
                            .filter(v -> v.channel() == channel)
                            .filter(v -> canonical(v.locale()).equals(tag))
                            .findFirst();
            if (found.isPresent() || wanted.isEmpty()) {
                return found;
            }
            wanted = wanted.substring(0, Math.max(wanted.lastIndexOf('-'), 0));
        }
    }

    private static String canonical(@Nullable String locale) {
        return locale == null ? "" : locale.replace('_', '-').toLowerCase(Locale.ROOT);
    }

    /** Reads one variant, collecting what is wrong with it. */
    private record Reading(Variant variant, String path, List<Flaw> flaws) {

        CompiledVariant read() {
            locale();
            return switch (variant.channel()) {
                case EMAIL -> email();
                case SMS -> sms();
                case WHATSAPP, PUSH, IN_APP -> {
                    flaws.add(
                            new Flaw(
                                    path + ".channel",
                                    "templates for "
                                            + variant.channel().word()
                                            + " are not built yet; expected email or sms"));
                    yield compiled(null, null, null);
                }
            };
        }

        private CompiledVariant email() {
            return compiled(
                    text("subject", variant.subject(), LONGEST_SUBJECT, Presence.REQUIRED),
                    html(),
                    text("text", variant.text(), LONGEST_BODY, Presence.OPTIONAL));
        }

        private CompiledVariant sms() {
            absent("subject", variant.subject());
            absent("html", variant.html());
            return compiled(
                    null, null, text("text", variant.text(), LONGEST_SMS, Presence.REQUIRED));
        }

        private CompiledVariant compiled(
                @Nullable Liquid subject, @Nullable Liquid html, @Nullable Liquid text) {
            return new CompiledVariant(variant.channel(), variant.locale(), subject, html, text);
        }

        private void locale() {
            String locale = variant.locale();
            if (locale == null) {
                return;
            }
            try {
                new Locale.Builder().setLanguageTag(locale.replace('_', '-'));
            } catch (IllformedLocaleException e) {
                flaws.add(new Flaw(path + ".locale", "expected a BCP 47 tag, as in en-GB"));
            }
        }

        private void absent(String field, @Nullable String value) {
            if (value != null) {
                flaws.add(new Flaw(path + "." + field, "an sms has only a text"));
            }
        }

        private @Nullable Liquid html() {
            return parsed("html", variant.html(), LONGEST_BODY, Presence.REQUIRED, Liquid::html);
        }

        private @Nullable Liquid text(
                String field, @Nullable String source, int longest, Presence presence) {
            return parsed(field, source, longest, presence, Liquid::text);
        }

        private @Nullable Liquid parsed(
                String field,
                @Nullable String source,
                int longest,
                Presence presence,
                Parser parser) {
            String name = path + "." + field;
            if (source == null || source.isBlank()) {
                if (presence == Presence.REQUIRED) {
                    flaws.add(new Flaw(name, "is required for " + variant.channel().word()));
                }
                return null;
            }
            if (source.length() > longest) {
                flaws.add(new Flaw(name, "is longer than " + longest + " characters"));
                return null;
            }
            try {
                return parser.parse(source);
            } catch (Liquid.Flawed e) {
                flaws.add(new Flaw(name, String.valueOf(e.getMessage())));
                return null;
            }
        }
    }

    private enum Presence {
        REQUIRED,
        OPTIONAL
    }

    private interface Parser {
        Liquid parse(String source) throws Liquid.Flawed;
    }
}
