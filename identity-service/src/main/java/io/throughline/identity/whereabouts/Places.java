package io.throughline.identity.whereabouts;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Countries and states by what people call them, and the zones of each. */
final class Places {

    private static final Pattern TAB = Pattern.compile("\t");
    private static final Pattern COMMA = Pattern.compile(",");
    private static final Pattern STATE_CODE = Pattern.compile("[A-Z0-9]{1,3}");

    /** Longer texts name no place. */
    private static final int LONGEST_NAME = 60;

    /** By ISO 3166, of countries and of states of the United States. */
    private static final Map<String, List<ZoneId>> ZONES = new HashMap<>();

    private static final Map<String, String> COUNTRIES = new HashMap<>();
    private static final Map<String, String> STATES = new HashMap<>();

    static {
        lines("countries.tsv").forEach(f -> ZONES.put(f[0], zones(f[1])));
        lines("us-states.tsv")
                .forEach(f -> {
                    ZONES.put("US-" + f[0], zones(f[2]));
                    STATES.put(f[0], f[0]);
                    STATES.put(f[1].toUpperCase(Locale.ROOT), f[0]);
                });
        for (String code : Locale.getISOCountries()) {
            Locale country = Locale.of("", code);
            COUNTRIES.put(code, code);
            COUNTRIES.put(country.getISO3Country(), code);
            COUNTRIES.put(country.getDisplayCountry(Locale.ENGLISH).toUpperCase(Locale.ROOT), code);
        }
        COUNTRIES.put("UNITED STATES OF AMERICA", "US");
        COUNTRIES.put("UK", "GB");
        COUNTRIES.put("GREAT BRITAIN", "GB");
        STATES.put("WASHINGTON STATE", "WA");
        STATES.put("WASHINGTON D.C.", "DC");
        STATES.put("WASHINGTON, D.C.", "DC");
        STATES.put("WASHINGTON DC", "DC");
    }

    private Places() {}

    /** ISO 3166-1 of a country by its code of two or three letters, or its English name. */
    static Optional<String> country(String name) {
        return name.length() > LONGEST_NAME
                ? Optional.empty()
                : Optional.ofNullable(COUNTRIES.get(name.strip().toUpperCase(Locale.ROOT)));
    }

    /**
     * ISO 3166-2 of a state by its code, with or without the country's, or where the country is the
     * United States by its name.
     */
    static Optional<String> state(String country, String name) {
        if (name.length() > LONGEST_NAME) {
            return Optional.empty();
        }
        String said = name.strip().toUpperCase(Locale.ROOT);
        String code = said.startsWith(country + "-") ? said.substring(3) : said;
        if (country.equals("US")) {
            return Optional.ofNullable(STATES.get(code)).map(state -> "US-" + state);
        }
        return STATE_CODE.matcher(code).matches()
                ? Optional.of(country + "-" + code)
                : Optional.empty();
    }

    /** Every zone that some part of a region keeps; of a state that is not listed the country's. */
    static List<ZoneId> zones(String country, String region) {
        List<ZoneId> own = ZONES.get(region);
        return own != null ? own : ZONES.getOrDefault(country, List.of());
    }

    private static List<ZoneId> zones(String names) {
        return Clocks.distinct(
                COMMA.splitAsStream(names).flatMap(name -> Clocks.zone(name).stream()).toList());
    }

    private static Stream<String[]> lines(String file) {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        Places.class.getResourceAsStream(file),
                                        "it lies beside this class"),
                                StandardCharsets.UTF_8))) {
            return reader
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> TAB.split(line))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }
}
