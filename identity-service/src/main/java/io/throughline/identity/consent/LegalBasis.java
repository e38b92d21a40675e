package io.throughline.identity.consent;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** On what ground a customer is written to. */
public enum LegalBasis {
    /** Regulation (EU) 2016/679, article 6(1)(a); in the United States express consent. */
    CONSENT,
    /** Signed or its equal, 47 CFR 64.1200(f)(9). */
    EXPRESS_WRITTEN_CONSENT,
    /** A customer's address, for similar products: Directive 2002/58/EC, article 13(2). */
    SOFT_OPT_IN,
    /** Follows from a purchase or an inquiry, for a time: Canada's anti-spam law, section 10(9). */
    IMPLIED_CONSENT,
    /** Article 6(1)(b). */
    CONTRACT,
    /** Article 6(1)(c). */
    LEGAL_OBLIGATION,
    /** Article 6(1)(f). */
    LEGITIMATE_INTEREST;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException naming the known words
     */
    @JsonCreator
    public static LegalBasis of(String word) {
        return Arrays.stream(values())
                .filter(basis -> basis.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "unknown legal basis '"
                                        + word
                                        + "', expected one of "
                                        + Arrays.stream(values())
                                                .map(LegalBasis::word)
                                                .collect(Collectors.joining(", "))));
    }
}
