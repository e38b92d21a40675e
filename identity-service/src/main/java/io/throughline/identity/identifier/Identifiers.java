package io.throughline.identity.identifier;

import io.throughline.contracts.Channel;
import io.throughline.contracts.Identifier;
import java.text.Normalizer;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The normal form of identifiers, and which of them says more about who somebody is. */
public final class Identifiers {

    /**
     * Characters a value may have. An index entry has an upper limit too, and no real identifier
     * comes near either.
     */
    public static final int MAX_LENGTH = 512;

    /**
     * Strongest first: {@code user_id}, {@code email}, {@code phone}, others by name, {@code
     * anonymous_id} last, since a device's name is the first to be shared by two people.
     */
    public static final Comparator<Identifier> STRONGEST_FIRST =
            Comparator.comparingInt((Identifier i) -> rank(i.type()))
                    .thenComparing(Comparator.naturalOrder());

    private static final Pattern INVISIBLE = Pattern.compile("\\p{Cf}+");
    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9_.\\-]{0,63}");

    private Identifiers() {}

    /**
     * The identifier that a value is, or nothing where it is malformed, too long, or a placeholder
     * that identifies nobody.
     *
     * @param region ISO 3166 code of the country that a phone number without {@code +} is of
     */
    public static Optional<Identifier> normalise(String type, String raw, @Nullable String region) {
        String text = visible(raw).strip();
        if (text.isEmpty()
                || text.length() > MAX_LENGTH
                || Placeholders.contains(text)
                || !isReadable(text)) {
            return Optional.empty();
        }
        Optional<String> value =
                switch (type) {
                    case Identifier.EMAIL -> EmailAddress.normalise(text);
                    case Identifier.PHONE -> PhoneNumber.normalise(text, region);
                    default ->
                            TYPE.matcher(type).matches()
                                    ? Optional.of(Normalizer.normalize(text, Normalizer.Form.NFC))
                                    : Optional.empty();
                };
        return value.filter(v -> !Placeholders.contains(v)).map(v -> new Identifier(type, v));
    }

    /** Without zero-width blanks and the like, with which a value looks the same and is another. */
    private static String visible(String raw) {
        return raw.chars().allMatch(c -> c < 0x80) ? raw : INVISIBLE.matcher(raw).replaceAll("");
    }

    /**
     * Control characters are in no real identifier, and one of them stands between identifiers that
     * are written in one text; half a surrogate pair is not what it was once it is stored.
     */
    private static boolean isReadable(String text) {
        return text.codePoints()
                .noneMatch(c ->
                        Character.isISOControl(c)
                                || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    }

    /**
     * Whether phone numbers without {@code +} can be read as those of a country.
     *
     * @param code ISO 3166, in capitals
     */
    public static boolean isRegion(String code) {
        return PhoneNumber.isRegion(code);
    }

    /** Whether the identifier is itself an address that messages of the channel go to. */
    public static boolean isAddressOf(Identifier identifier, Channel channel) {
        return switch (channel) {
            case EMAIL -> identifier.type().equals(Identifier.EMAIL);
            case SMS, WHATSAPP -> identifier.type().equals(Identifier.PHONE);
            case PUSH -> identifier.type().equals(Identifier.PUSH_TOKEN);
            case IN_APP -> false;
        };
    }

    /** The identifier that an address of a channel is. */
    public static Optional<Identifier> ofAddress(Channel channel, String address) {
        return switch (channel) {
            case EMAIL -> normalise(Identifier.EMAIL, address, null);
            case SMS, WHATSAPP -> normalise(Identifier.PHONE, address, null);
            case PUSH -> normalise(Identifier.PUSH_TOKEN, address, null);
            case IN_APP -> Optional.empty();
        };
    }

    /** A phone number as its country writes it, digits only. */
    public static String nationalNumber(Identifier phone) {
        return PhoneNumber.national(phone.value());
    }

    static String typeOf(String word) {
        return word.strip().toLowerCase(Locale.ROOT);
    }

    private static int rank(String type) {
        return switch (type) {
            case Identifier.USER_ID -> 0;
            case Identifier.EMAIL -> 1;
            case Identifier.PHONE -> 2;
            case Identifier.ANONYMOUS_ID -> 4;
            default -> 3;
        };
    }
}
