package io.throughline.identity.identifier;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Phone numbers in E.164. A number is taken when its length is possible in its country; whether its
 * range is assigned is not asked, since the tables lag behind and a customer with a new range would
 * silently lose her identity.
 */
final class PhoneNumber {

    private static final PhoneNumberUtil NUMBERS = PhoneNumberUtil.getInstance();

    /** Longer texts are not worth parsing: E.164 has 15 digits, and people write spaces. */
    private static final int MAX_TEXT = 40;

    private PhoneNumber() {}

    /**
     * @param region ISO 3166 code of the country that a number without {@code +} is of; absent
     *     where such numbers cannot be read
     */
    static Optional<String> normalise(String raw, @Nullable String region) {
        if (raw.length() > MAX_TEXT) {
            return Optional.empty();
        }
        try {
            Phonenumber.PhoneNumber number = NUMBERS.parse(raw, region);
            return NUMBERS.isPossibleNumber(number) && !isFilledIn(number)
                    ? Optional.of(NUMBERS.format(number, PhoneNumberFormat.E164))
                    : Optional.empty();
        } catch (NumberParseException e) {
            return Optional.empty();
        }
    }

    /** Whether a code is that of a country whose numbers are known. */
    static boolean isRegion(String code) {
        return NUMBERS.getSupportedRegions().contains(code);
    }

    /** The digits of a number in E.164 as they are dialled within its country, without a prefix. */
    static String national(String number) {
        try {
            return NUMBERS.getNationalSignificantNumber(NUMBERS.parse(number, null));
        } catch (NumberParseException e) {
            return number.substring(1);
        }
    }

    /** One digit all the way, as in 000000000 or 9999999999: typed to get past a form. */
    private static boolean isFilledIn(Phonenumber.PhoneNumber number) {
        return Long.toString(number.getNationalNumber()).chars().distinct().count() == 1;
    }
}
