package io.throughline.channel.sms;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A delivery receipt, read from its optional parameters where it has them and from its text where
 * not. The text is custom and not norm (SMPP 3.4, appendix B): {@code id:… sub:… dlvrd:… submit
 * date:… done date:… stat:… err:… text:…}, in which case, order and presence vary.
 *
 * @param id as the carrier wrote it
 * @param code the state's word and the network's error, as in {@code UNDELIV 045}
 * @param done when, in the carrier's own time of day; absent where it does not say
 */
public record ReceiptText(
        String id, ReceiptState state, String code, @Nullable LocalDateTime done) {

    private static final Pattern FIELD =
            Pattern.compile(
                    "(?<![a-z])(id|sub|dlvrd|submit date|done date|stat|err|text) *:",
                    Pattern.CASE_INSENSITIVE);
    private static final DateTimeFormatter MINUTES =
            DateTimeFormatter.ofPattern("yyMMddHHmm", Locale.ROOT);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyMMddHHmmss", Locale.ROOT);

    /**
     * What a receipt's optional parameters say.
     *
     * @param id {@code receipted_message_id}
     * @param state {@code message_state}
     * @param error the code in {@code network_error_code}
     */
    public record Parameters(
            @Nullable String id, @Nullable Integer state, @Nullable Integer error) {

        public static final Parameters NONE = new Parameters(null, null, null);
    }

    /**
     * Nothing where no id is to be found: such a receipt says nothing of any message. A state that
     * is missing or that we do not know is {@link ReceiptState#UNKNOWN}, with the carrier's own
     * word in the code.
     */
    public static Optional<ReceiptText> read(Parameters parameters, String text) {
        Map<String, String> fields = fields(text);
        String id = parameters.id() != null ? parameters.id() : fields.getOrDefault("id", "");
        if (id.isBlank()) {
            return Optional.empty();
        }
        String word = fields.getOrDefault("stat", "");
        ReceiptState state = state(parameters.state(), word);
        String said = state == ReceiptState.UNKNOWN && !word.isEmpty() ? word : state.word();
        String error =
                parameters.error() != null
                        ? "%03d".formatted(parameters.error())
                        : fields.getOrDefault("err", "");
        String code = error.matches("0*") ? said : said + " " + error;
        return Optional.of(
                new ReceiptText(
                        id.strip(), state, code, date(fields.getOrDefault("done date", ""))));
    }

    /**
     * The instant of {@link #done}, where the carrier's zone is known and the result is not after
     * the receipt itself; its arrival otherwise.
     */
    public Instant at(@Nullable ZoneId zone, Instant arrival) {
        if (zone == null || done == null) {
            return arrival;
        }
        Instant said = done.atZone(zone).toInstant();
        return said.isAfter(arrival) ? arrival : said;
    }

    private static ReceiptState state(@Nullable Integer number, String word) {
        return Optional.ofNullable(number)
                .flatMap(ReceiptState::ofNumber)
                .or(() -> ReceiptState.ofWord(word))
                .orElse(ReceiptState.UNKNOWN);
    }

    /** Field names in lower case. The text comes last, and what it quotes is no field. */
    private static Map<String, String> fields(String text) {
        Map<String, String> fields = new HashMap<>();
        Matcher field = FIELD.matcher(text);
        boolean found = field.find();
        while (found) {
            String name = field.group(1).toLowerCase(Locale.ROOT);
            int from = field.end();
            if (name.equals("text")) {
                return fields;
            }
            found = field.find();
            String value = text.substring(from, found ? field.start() : text.length());
            fields.putIfAbsent(name, value.strip());
        }
        return fields;
    }

    private static @Nullable LocalDateTime date(String text) {
        try {
            return switch (text.length()) {
                case 10 -> LocalDateTime.parse(text, MINUTES);
                case 12 -> LocalDateTime.parse(text, SECONDS);
                default -> null;
            };
        } catch (DateTimeException e) {
            return null;
        }
    }
}
