package io.throughline.identity.http;

import io.quarkus.qute.TemplateInstance;
import io.quarkus.qute.i18n.Localized;
import io.quarkus.qute.i18n.MessageBundles;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How pages are answered, and in which language. */
final class Pages {

    private static final Set<String> LANGUAGES = Set.of("en", "de", "es", "fr");
    private static final String OTHERWISE = "en";

    /** No script, nothing from elsewhere, in nobody's frame. */
    private static final String CONTENT_SECURITY =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none';"
                    + " base-uri 'none'";

    private Pages() {}

    /**
     * The language that a browser asks for, or the customer's, or English.
     *
     * @param profile tag of the customer's locale
     */
    static String language(List<Locale> asked, @Nullable String profile) {
        for (Locale locale : asked) {
            if (LANGUAGES.contains(locale.getLanguage())) {
                return locale.getLanguage();
            }
        }
        String own = profile == null ? "" : Locale.forLanguageTag(profile).getLanguage();
        return LANGUAGES.contains(own) ? own : OTHERWISE;
    }

    static boolean speak(String language) {
        return LANGUAGES.contains(language);
    }

    /** What a browser asks for; nothing where nobody can read it. */
    static List<Locale> asked(HttpHeaders headers) {
        try {
            return headers.getAcceptableLanguages();
        } catch (RuntimeException unreadable) {
            return List.of();
        }
    }

    static PageTexts texts(String language) {
        return MessageBundles.get(PageTexts.class, Localized.Literal.of(language));
    }

    static String label(Channel channel, PageTexts texts) {
        return switch (channel) {
            case EMAIL -> texts.email();
            case SMS -> texts.sms();
            case WHATSAPP -> texts.whatsapp();
            case PUSH -> texts.push();
            case IN_APP -> texts.inApp();
        };
    }

    static Uni<Response> ok(TemplateInstance page, String language) {
        return answer(Status.OK, page, language);
    }

    static Uni<Response> unknown(String language) {
        PageTexts texts = texts(language);
        return notice(Status.NOT_FOUND, language, texts.unknownTitle(), texts.unknown());
    }

    /** What was sent says nothing, so nothing was changed. */
    static Uni<Response> unreadable(String language) {
        PageTexts texts = texts(language);
        return notice(Status.BAD_REQUEST, language, texts.laterTitle(), texts.later());
    }

    static Uni<Response> later(String language) {
        PageTexts texts = texts(language);
        return notice(Status.SERVICE_UNAVAILABLE, language, texts.laterTitle(), texts.later());
    }

    static Uni<Response> notice(Status status, String language, String title, String text) {
        return answer(
                status,
                PreferencePages.notice(new PreferencePages.Notice(language, title, text)),
                language);
    }

    private static Uni<Response> answer(Status status, TemplateInstance page, String language) {
        return page.setLocale(language)
                .createUni()
                .map(html ->
                        Response.status(status)
                                .entity(html)
                                .type(MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
                                .header("Cache-Control", "no-store, private")
                                .header("Content-Security-Policy", CONTENT_SECURITY)
                                .header("Referrer-Policy", "no-referrer")
                                .header("X-Content-Type-Options", "nosniff")
                                .header("Vary", "Accept-Language")
                                .build());
    }
}
