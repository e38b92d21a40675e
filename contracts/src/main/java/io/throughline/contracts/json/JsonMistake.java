package io.throughline.contracts.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** What is wrong with a text that is no JSON, as far as it concerns whoever wrote it. */
public final class JsonMistake {

    /** The reader's remark that it does not show the text; line and column are told apart. */
    private static final Pattern HIDDEN_PLACE =
            Pattern.compile(" ?\\([^(]*\\[Source: [^\\]]*\\]\\)?| ?\\[Source: [^\\]]*\\]");

    /** Its remark by which of its settings it would take the text. */
    private static final Pattern SETTING =
            Pattern.compile("[:,;]? (?:enable|from) `[A-Z]\\w+[.#][^`]*`(?: to allow)?");

    private JsonMistake() {}

    /** In one line. */
    public static String of(JsonProcessingException e) {
        String text = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
        return SETTING.matcher(HIDDEN_PLACE.matcher(text).replaceAll("")).replaceAll("");
    }
}
