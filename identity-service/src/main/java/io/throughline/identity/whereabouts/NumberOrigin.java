package io.throughline.identity.whereabouts;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberToTimeZonesMapper;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import com.google.i18n.phonenumbers.geocoding.PhoneNumberOfflineGeocoder;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What a phone number's first digits say of where it was given out.
 *
 * @param zones empty where they say nothing of them
 * @param region ISO 3166; absent where they say nothing of it
 */
record NumberOrigin(List<ZoneId> zones, @Nullable String region) {

    private static final NumberOrigin UNKNOWN = new NumberOrigin(List.of(), null);

    private static final PhoneNumberUtil NUMBERS = PhoneNumberUtil.getInstance();
    private static final PhoneNumberToTimeZonesMapper ZONES =
            PhoneNumberToTimeZonesMapper.getInstance();
    private static final PhoneNumberOfflineGeocoder PLACES =
            PhoneNumberOfflineGeocoder.getInstance();

    /** Looking a number up takes a tenth of a millisecond; all that begin alike are one. */
    private static final ConcurrentMap<String, NumberOrigin> KNOWN = new ConcurrentHashMap<>();

    private static final int MOST_KNOWN = 50_000;

    /** The country, an area and an exchange in it. */
    private static final int TELLING = 9;

    /** More than any country has; a list that is longer is of all countries of a calling code. */
    private static final int MOST_ZONES = 20;

    /**
     * @param number E.164
     */
    static NumberOrigin of(String number) {
        String start = number.substring(0, Math.min(TELLING, number.length())) + number.length();
        NumberOrigin known = KNOWN.get(start);
        if (known == null) {
            known = lookUp(number);
            if (KNOWN.size() >= MOST_KNOWN) {
                KNOWN.clear();
            }
            KNOWN.put(start, known);
        }
        return known;
    }

    private static NumberOrigin lookUp(String text) {
        try {
            PhoneNumber number = NUMBERS.parse(text, null);
            String country = NUMBERS.getRegionCodeForNumber(number);
            List<ZoneId> zones = zones(ZONES.getTimeZonesForNumber(number));
            if (zones.isEmpty()) {
                zones = zones(ZONES.getTimeZonesForGeographicalNumber(number));
            }
            if (country == null || Places.country(country).isEmpty()) {
                return zones.size() > MOST_ZONES
                        ? UNKNOWN
                        : new NumberOrigin(Clocks.distinct(zones), null);
            }
            String region = country.equals("US") ? state(number).orElse(country) : country;
            return new NumberOrigin(
                    zones.size() > MOST_ZONES
                            ? Places.zones(country, region)
                            : Clocks.distinct(zones),
                    region);
        } catch (NumberParseException e) {
            return UNKNOWN;
        }
    }

    /** Zones that are none of this JDK's are passed over, as the one for unknown is. */
    private static List<ZoneId> zones(List<String> names) {
        return names.stream().flatMap(name -> Clocks.zone(name).stream()).toList();
    }

    /** The geocoder says it as in {@code New York, NY} or {@code Florida}. */
    private static Optional<String> state(PhoneNumber number) {
        String place = PLACES.getDescriptionForValidNumber(number, Locale.ENGLISH);
        return Places.state("US", place)
                .or(() -> Places.state("US", place.substring(place.lastIndexOf(',') + 1)));
    }
}
