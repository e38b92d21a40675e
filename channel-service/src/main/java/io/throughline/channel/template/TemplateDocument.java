package io.throughline.channel.template;

import io.throughline.contracts.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A template as it is put: one text per channel and, where wanted, per locale.
 *
 * @param variants at least one; no two for the same channel and locale
 */
public record TemplateDocument(List<Variant> variants) {

    /**
     * @param locale BCP 47 tag; absent for the variant that serves all others
     * @param subject of an email, Liquid
     * @param html of an email, Liquid; what it prints is escaped unless it ends in {@code | raw}
     * @param text of an SMS, or the plain text of an email, Liquid; an email without one gets it
     *     from its html
     */
    public record Variant(
            Channel channel,
            @Nullable String locale,
            @Nullable String subject,
            @Nullable String html,
            @Nullable String text) {}

    /** Something that keeps a template from being used. */
    public record Flaw(String field, String detail) {}
}
