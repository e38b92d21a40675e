package io.throughline.identity.http;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pages that customers see; they work without script. */
@CheckedTemplate(basePath = "PreferencePages")
final class PreferencePages {

    private PreferencePages() {}

    static native TemplateInstance choose(Choose page);

    static native TemplateInstance confirm(Confirm page);

    static native TemplateInstance notice(Notice page);

    /**
     * What a customer gets, to be changed.
     *
     * @param centre version of what is offered
     */
    record Choose(
            String language,
            int centre,
            @Nullable String sender,
            String intro,
            @Nullable String privacyUrl,
            List<Line> offers,
            boolean saved) {}

    /**
     * A channel.
     *
     * @param name on the form
     */
    record Line(
            String name,
            String label,
            @Nullable String address,
            boolean on,
            List<TopicLine> topics) {}

    record TopicLine(String name, String label, String description, boolean on) {}

    /** Asks whether it was the customer who asked. */
    record Confirm(String language, String channel, String address, @Nullable String wording) {}

    record Notice(String language, String title, String text) {}
}
