package io.throughline.identity.http;

import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.identity.resolution.ResolutionRules;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.resolution.TypeRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Rules of resolution as a caller writes them.
 *
 * @param version the version they were made from
 */
record RulesRequest(
        @Nullable Integer version,
        @Nullable List<TypeRequest> types,
        @Nullable List<NeverRequest> never,
        @Nullable Integer largestProfile) {

    private static final Pattern TYPE = Pattern.compile("\\*|[a-z][a-z0-9_]{0,39}");
    private static final int MOST_TYPES = 100;
    private static final int MOST_NEVER = 500;
    private static final int MOST_PATTERN = 1_000;
    private static final int MOST_VALUES = 10_000;
    private static final Duration LONGEST = Duration.ofDays(3650);

    record TypeRequest(
            @Nullable String type,
            @Nullable Boolean unique,
            @Nullable Integer most,
            @Nullable Duration within,
            @Nullable Integer sharedAbove,
            @Nullable Boolean firstHand) {}

    record NeverRequest(@Nullable String type, @Nullable String pattern) {}

    /**
     * The rules, as they should be, one version on.
     *
     * @throws Problem naming every field that is wrong
     */
    static ResolutionRules checked(@Nullable RulesRequest request) {
        if (request == null) {
            throw Problem.badRequest("body", "expected the rules as a JSON object");
        }
        List<FieldError> errors = new ArrayList<>();
        Integer version = request.version();
        if (version == null || version < 1) {
            errors.add(
                    new FieldError(
                            "version", "expected the version that was read, which is 1 or more"));
        }
        List<TypeRule> types = types(request.types(), errors);
        List<ResolutionRules.Never> never = never(request.never(), errors);
        int largest =
                number("largestProfile", request.largestProfile(), 2, MOST_VALUES, 200, errors);
        if (!errors.isEmpty() || version == null) {
            throw Problem.of(errors);
        }
        ResolutionRules rules = new ResolutionRules(version + 1, types, never, largest);
        compile(rules);
        return rules;
    }

    private static List<TypeRule> types(
            @Nullable List<TypeRequest> types, List<FieldError> errors) {
        List<TypeRule> rules = new ArrayList<>();
        if (types == null || types.isEmpty() || types.size() > MOST_TYPES) {
            errors.add(
                    new FieldError(
                            "types", "expected 1 to " + MOST_TYPES + " types, strongest first"));
            return rules;
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < types.size(); i++) {
            String at = "types[" + i + "]";
            TypeRequest type = types.get(i);
            String name = type == null ? null : type.type();
            if (type == null || name == null || !TYPE.matcher(name).matches()) {
                errors.add(
                        new FieldError(
                                at + ".type",
                                "expected lower-case letters, digits and underscores, as in email, or * for all others"));
                continue;
            }
            if (!seen.add(name)) {
                errors.add(
                        new FieldError(at + ".type", "there is a rule for " + name + " already"));
            }
            Duration within = type.within();
            if (within != null
                    && (within.isNegative() || within.isZero() || within.compareTo(LONGEST) > 0)) {
                errors.add(
                        new FieldError(
                                at + ".within", "expected more than nothing and at most P3650D"));
                within = null;
            }
            rules.add(
                    new TypeRule(
                            name,
                            !Boolean.FALSE.equals(type.unique()),
                            number(at + ".most", type.most(), 1, MOST_VALUES, 1, errors),
                            within,
                            number(
                                    at + ".sharedAbove",
                                    type.sharedAbove(),
                                    0,
                                    MOST_VALUES,
                                    0,
                                    errors),
                            Boolean.TRUE.equals(type.firstHand())));
        }
        if (!seen.contains(TypeRule.ANY)) {
            errors.add(new FieldError("types", "expected one for the type *, which is all others"));
        }
        return rules;
    }

    private static List<ResolutionRules.Never> never(
            @Nullable List<NeverRequest> never, List<FieldError> errors) {
        List<ResolutionRules.Never> values = new ArrayList<>();
        if (never == null) {
            return values;
        }
        if (never.size() > MOST_NEVER) {
            errors.add(new FieldError("never", "expected at most " + MOST_NEVER));
            return values;
        }
        for (int i = 0; i < never.size(); i++) {
            NeverRequest value = never.get(i);
            String type = value == null ? null : value.type();
            String pattern = value == null ? null : value.pattern();
            if (type == null || !TYPE.matcher(type).matches()) {
                errors.add(
                        new FieldError("never[" + i + "].type", "expected a type, or * for any"));
            } else if (pattern == null || pattern.isEmpty() || pattern.length() > MOST_PATTERN) {
                errors.add(
                        new FieldError(
                                "never[" + i + "].pattern",
                                "expected a pattern of the whole value, RE2 syntax, 1 to "
                                        + MOST_PATTERN
                                        + " characters"));
            } else {
                values.add(new ResolutionRules.Never(type, pattern));
            }
        }
        return values;
    }

    private static int number(
            String field,
            @Nullable Integer value,
            int least,
            int most,
            int otherwise,
            List<FieldError> errors) {
        if (value != null && (value < least || value > most)) {
            errors.add(
                    new FieldError(
                            field, "expected %d to %d, was %d".formatted(least, most, value)));
            return otherwise;
        }
        return value == null ? otherwise : value;
    }

    private static void compile(ResolutionRules rules) {
        for (int i = 0; i < rules.never().size(); i++) {
            try {
                RulesInForce.check(rules.never().get(i));
            } catch (IllegalArgumentException e) {
                throw Problem.badRequest(
                        "never[" + i + "].pattern", String.valueOf(e.getMessage()));
            }
        }
    }
}
