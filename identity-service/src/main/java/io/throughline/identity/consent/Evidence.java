package io.throughline.identity.consent;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What proves that something was said.
 *
 * @param text in the customer's words or the writer's
 * @param ip address that the request came from
 * @param page address of the page it was said on
 * @param message id of our message it answered
 * @param keyword that the answer was taken for
 * @param userAgent the browser
 * @param agent who took it down, as support desks name their people
 * @param request id of the request that was confirmed
 * @param centre version of the preference centre that was shown
 * @param language that the page was shown in
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Evidence(
        @Nullable String text,
        @Nullable String ip,
        @Nullable String page,
        @Nullable String message,
        @Nullable String keyword,
        @Nullable String userAgent,
        @Nullable String agent,
        @Nullable String request,
        @Nullable Integer centre,
        @Nullable String language) {

    /** What callers may say themselves. */
    public static Evidence told(
            @Nullable String text,
            @Nullable String ip,
            @Nullable String page,
            @Nullable String message,
            @Nullable String keyword,
            @Nullable String userAgent,
            @Nullable String agent) {
        return new Evidence(text, ip, page, message, keyword, userAgent, agent, null, null, null);
    }

    public static Evidence of(String text) {
        return told(text, null, null, null, null, null, null);
    }

    /** What a browser sent. */
    public static Evidence ofPage(
            @Nullable String ip, @Nullable String page, @Nullable String userAgent) {
        return told(null, ip, page, null, null, userAgent, null);
    }

    /** An answer whose words are not known, only what they were taken for. */
    public static Evidence ofKeyword(String keyword, @Nullable String message) {
        return told(null, null, null, message, keyword, null, null);
    }

    /** An answer to a message. */
    public static Evidence ofAnswer(@Nullable String text, @Nullable String message) {
        return told(text, null, null, message, null, null, null);
    }

    public Evidence withMessage(@Nullable String id) {
        return new Evidence(
                text, ip, page, id, keyword, userAgent, agent, request, centre, language);
    }

    public Evidence withRequest(String id) {
        return new Evidence(
                text, ip, page, message, keyword, userAgent, agent, id, centre, language);
    }

    /** Of a preference centre: which one was shown, in which of its languages. */
    public Evidence withCentre(int version, String tag) {
        return new Evidence(
                text, ip, page, message, keyword, userAgent, agent, request, version, tag);
    }
}
