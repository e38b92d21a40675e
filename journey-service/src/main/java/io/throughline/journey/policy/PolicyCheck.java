package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Arbitration;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import io.throughline.contracts.policy.ContactPolicy.ExclusionGroup;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.Gap;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.contracts.policy.ContactPolicy.Step;
import io.throughline.governance.rules.LegalPresets;
import io.throughline.governance.rules.Outcome;
import io.throughline.governance.rules.QuietRules;
import io.throughline.governance.rules.Rules;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a policy that somebody put. Nothing has a default but a gap and quiet hours,
 * which may be left out for none: caps that were forgotten must not be taken for no caps.
 */
public final class PolicyCheck {

    /** Every cap is looked at for every message. */
    static final int MOST_CAPS = 32;

    static final int MOST_GAPS = 16;

    private static final int MOST_LIFTING = 16;

    /** A journey's key or a topic's name is shorter. */
    private static final int LONGEST_NAME = 200;

    /** Each is worked out for all whereabouts there are. */
    static final int MOST_QUIET_RULES = 16;

    /** The holidays of some years. */
    static final int MOST_DATES = 100;

    /** Any will do: what repeats itself does so every week. */
    private static final Instant SOME_TIME = Instant.parse("2026-01-01T00:00:00Z");

    /** The gate keeps every contact for as long as the longest window. */
    static final Duration LONGEST = Duration.ofDays(90);

    static final int MOST_STEPS = 8;

    /** More contacts than anybody has within the longest window. */
    static final int MOST_IGNORED = 1_000;

    /** A share says no more than this. */
    private static final int MOST_PLACES = 4;

    /** Every group is looked at for every entry. */
    static final int MOST_GROUPS = 100;

    static final int MOST_MEMBERS = 100;

    private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final String KEY_EXPECTED =
            "a key of lower-case letters, digits and hyphens, at most 63 characters";
    private static final Pattern TOPIC = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final String TOPIC_EXPECTED =
            "a topic of lower-case letters, digits, hyphens and underscores, at most 63 characters";
    private static final Set<String> CHANNELS =
            Arrays.stream(Channel.values()).map(Channel::word).collect(Collectors.toSet());
    private static final Set<String> CATEGORIES =
            Arrays.stream(Category.values()).map(Category::word).collect(Collectors.toSet());
    private static final String DURATION = "an ISO 8601 duration, as in P1D";
    private static final String ZONE = "a zone of the tz database, as in Europe/Madrid";
    private static final String SCOPE = "global, channel, category, topic or journey";
    private static final Set<String> SCOPES =
            Set.of("global", "channel", "category", "topic", "journey");
    private static final String SHARE = "more than 0 and at most 1, as in 0.5";
    private static final String TIME = "a local time, as in 21:00";
    private static final String DATE = "a date that there is, as in 2026-12-25";

    private final List<FieldError> errors = new ArrayList<>();

    private PolicyCheck() {}

    /** What stands in the way of reading a document as a policy; empty where nothing does. */
    public static List<FieldError> unreadable(JsonNode document) {
        PolicyCheck check = new PolicyCheck();
        check.needed(document, "", "caps", "a list, empty for none");
        check.neededOfEach(document, "caps", "scope", SCOPE);
        check.neededOfEach(document, "caps", "max", "how many contacts");
        check.limits(document.path("caps"), "caps");
        check.neededOfEach(document, "gaps", "scope", SCOPE);
        check.limits(document.path("gaps"), "gaps");
        check.needed(document, "", "defaultTimeZone", ZONE);
        check.zone(document.path("defaultTimeZone"));
        check.needed(document, "", "consent", "an object of channel to opt-in or opt-out");
        check.saidOfEach(document.path("consent"));
        check.categories(document.path("categories"));
        check.needed(document, "", "optOutCoversTransactional", "a list of channels");
        check.neededOfEach(
                document.path("optOutCoversTransactional"),
                "optOutCoversTransactional",
                "a channel");
        check.needed(document, "", "silences", "a list, empty for none");
        check.neededOfEach(document, "silences", "on", "an event's name");
        check.neededOfEach(document, "silences", "period", DURATION);
        check.silences(document.path("silences"));
        if (document.hasNonNull("refund")) {
            check.needed(document.get("refund"), "refund.", "undelivered", "true or false");
            check.needed(document.get("refund"), "refund.", "expired", "true or false");
        }
        if (document.hasNonNull("fatigue")) {
            check.fatigue(document.get("fatigue"));
        }
        if (document.hasNonNull("arbitration")) {
            check.needed(document.get("arbitration"), "arbitration.", "window", DURATION);
        }
        check.neededOfEach(document, "exclusionGroups", "name", "what the group is called");
        check.neededOfEach(document, "exclusionGroups", "journeys", "a list of journeys' keys");
        check.neededOfEach(document, "exclusionGroups", "onConflict", "keep or higher-priority");
        int group = 0;
        for (JsonNode of : document.path("exclusionGroups")) {
            String field = "exclusionGroups[" + group++ + "].journeys";
            check.neededOfEach(of.path("journeys"), field, "a journey's key");
        }
        if (document.path("quietHours").isArray()) {
            int i = 0;
            for (JsonNode rule : document.get("quietHours")) {
                check.quiet(rule, "quietHours[" + i++ + "]");
            }
        } else if (document.hasNonNull("quietHours")) {
            check.quiet(document.get("quietHours"), "quietHours");
        }
        check.neededOfEach(document.path("legalPresets"), "legalPresets", "a preset's id");
        return List.copyOf(check.errors);
    }

    /** What is wrong with a complete policy; empty where it can be put in force. */
    public static List<FieldError> errors(ContactPolicy policy) {
        PolicyCheck check = new PolicyCheck();
        if (policy.caps().size() > MOST_CAPS) {
            check.wrong("caps", "at most " + MOST_CAPS + " caps, were " + policy.caps().size());
        }
        for (int i = 0; i < policy.caps().size(); i++) {
            check.window("caps[" + i + "].per", policy.caps().get(i).per());
        }
        if (policy.gaps().size() > MOST_GAPS) {
            check.wrong("gaps", "at most " + MOST_GAPS + " gaps, were " + policy.gaps().size());
        }
        for (int i = 0; i < policy.gaps().size(); i++) {
            check.window("gaps[" + i + "].per", policy.gaps().get(i).per());
        }
        check.saidOnce("caps", policy.caps().stream().map(c -> List.of(c.among(), c.per())));
        check.saidOnce("gaps", policy.gaps().stream().map(Gap::among));
        check.window("minimumGap", policy.minimumGap());
        if (policy.minimumGap() != null && policy.gaps().stream().anyMatch(PolicyCheck::isGlobal)) {
            check.wrong("minimumGap", "is about the same as the gap of scope global");
        }
        check.saidOnce("silences", policy.silences().stream());
        for (int i = 0; i < policy.silences().size(); i++) {
            check.silence("silences[" + i + "]", policy.silences().get(i));
        }
        Fatigue fatigue = policy.fatigue();
        if (fatigue != null) {
            check.fatigue(fatigue);
        }
        Arbitration arbitration = policy.arbitration();
        if (arbitration != null) {
            check.window("arbitration.window", arbitration.window());
        }
        check.groups(policy.groups());
        List<QuietHours> quiet = policy.quietRules();
        if (quiet.size() > MOST_QUIET_RULES) {
            check.wrong(
                    "quietHours", "at most " + MOST_QUIET_RULES + " rules, were " + quiet.size());
        }
        for (int i = 0; i < quiet.size(); i++) {
            check.quiet(quiet.size() == 1 ? "quietHours" : "quietHours[" + i + "]", quiet.get(i));
        }
        if (check.errors.isEmpty() && quiet.size() <= MOST_QUIET_RULES && leavesNoTime(policy)) {
            check.wrong("quietHours", "leave no time at which anything may go on some channel");
        }
        for (int i = 0; i < policy.presets().size(); i++) {
            check.preset("legalPresets[" + i + "]", policy.presets().get(i));
        }
        return List.copyOf(check.errors);
    }

    private static boolean isGlobal(Gap gap) {
        return gap.scope() == Scope.GLOBAL
                && gap.category() == null
                && gap.topic() == null
                && gap.each() == null;
    }

    private void fatigue(JsonNode fatigue) {
        boolean noSteps = fatigue.path("steps").isEmpty();
        if (noSteps && !fatigue.hasNonNull("nearlyLeft")) {
            wrong("fatigue", "expected steps, nearlyLeft, or both");
        }
        if (fatigue.hasNonNull("within")) {
            longerThanNothing("fatigue.within", fatigue.get("within"));
        }
        whole("fatigue.least", fatigue.path("least"), 0);
        int i = 0;
        for (JsonNode step : fatigue.path("steps")) {
            String path = "fatigue.steps[" + i++ + "].";
            needed(step, path, "ignored", "how many contacts");
            whole(path + "ignored", step.path("ignored"), 1);
            share(step, path);
        }
        if (fatigue.hasNonNull("nearlyLeft")) {
            JsonNode nearly = fatigue.get("nearlyLeft");
            needed(nearly, "fatigue.nearlyLeft.", "within", DURATION);
            longerThanNothing("fatigue.nearlyLeft.within", nearly.path("within"));
            share(nearly, "fatigue.nearlyLeft.");
        }
    }

    private void whole(String field, JsonNode number, int least) {
        if (number.isMissingNode() || number.isNull()) {
            return;
        }
        if (!number.isIntegralNumber()
                || !number.canConvertToInt()
                || number.asInt() < least
                || number.asInt() > MOST_IGNORED) {
            wrong(
                    field,
                    "expected a whole number from "
                            + least
                            + " to "
                            + MOST_IGNORED
                            + ", was "
                            + number);
        }
    }

    private void share(JsonNode of, String path) {
        needed(of, path, "share", "a number " + SHARE);
        JsonNode share = of.path("share");
        if (!share.isMissingNode() && !share.isNull() && !isShare(share)) {
            wrong(path + "share", "expected " + SHARE + ", was " + share);
        }
    }

    private static boolean isShare(JsonNode share) {
        if (!share.isNumber() && !share.isTextual()) {
            return false;
        }
        try {
            BigDecimal read = new BigDecimal(share.asText());
            return read.signum() > 0
                    && read.compareTo(BigDecimal.ONE) <= 0
                    && read.stripTrailingZeros().scale() <= MOST_PLACES;
        } catch (NumberFormatException noNumber) {
            return false;
        }
    }

    private void fatigue(Fatigue fatigue) {
        window("fatigue.within", fatigue.within());
        if (fatigue.nearlyLeft() != null) {
            window("fatigue.nearlyLeft.within", fatigue.nearlyLeft().within());
        }
        List<Step> steps = fatigue.steps();
        if (steps.size() > MOST_STEPS) {
            wrong("fatigue.steps", "at most " + MOST_STEPS + " steps, were " + steps.size());
        }
        for (int i = 1; i < steps.size(); i++) {
            Step before = steps.get(i - 1);
            Step step = steps.get(i);
            if (step.ignored() <= before.ignored()) {
                wrong(
                        "fatigue.steps[" + i + "].ignored",
                        "expected more than the step before, which is " + before.ignored());
            }
            if (step.share().compareTo(before.share()) >= 0) {
                wrong(
                        "fatigue.steps[" + i + "].share",
                        "expected less than the step before, which is "
                                + before.share().toPlainString());
            }
        }
    }

    private void quiet(JsonNode rule, String path) {
        needed(rule, path + ".", "from", TIME);
        needed(rule, path + ".", "to", TIME);
        needed(rule, path + ".", "channels", "a list of channels");
        neededOfEach(rule.path("channels"), path + ".channels", "a channel");
        neededOfEach(rule.path("categories"), path + ".categories", "a category");
        neededOfEach(rule.path("days"), path + ".days", "a day of the week");
        neededOfEach(rule.path("dates"), path + ".dates", "a date");
        int i = 0;
        for (JsonNode date : rule.path("dates")) {
            if (date.isTextual() && !isDate(date.asText())) {
                wrong(path + ".dates[" + i + "]", "expected " + DATE + ", was " + date);
            }
            i++;
        }
        boolean wholeDay = rule.hasNonNull("from") && rule.path("from").equals(rule.path("to"));
        if (wholeDay && !rule.hasNonNull("days") && !rule.hasNonNull("dates")) {
            wrong(path + ".to", "expected another time than from, or days or dates");
        }
    }

    private static boolean isDate(String text) {
        try {
            return LocalDate.parse(text) != null;
        } catch (DateTimeParseException noDate) {
            return false;
        }
    }

    private void quiet(String path, QuietHours rule) {
        if (rule.channels().isEmpty()) {
            wrong(path + ".channels", "at least one; leave the rule out for none");
        }
        Set<Category> categories = rule.categories();
        if (categories != null && categories.isEmpty()) {
            wrong(path + ".categories", "at least one; leave them out for all");
        } else if (categories != null && categories.contains(Category.TRANSACTIONAL)) {
            wrong(path + ".categories", "transactional messages pass quiet hours");
        }
        if (rule.days() != null && rule.days().isEmpty() && isEmpty(rule.dates())) {
            wrong(path + ".days", "at least one; leave them out for all");
        } else if (rule.days() == null && rule.dates() != null && rule.dates().isEmpty()) {
            wrong(path + ".dates", "at least one; leave them out for every day");
        } else if (rule.dates() != null && rule.dates().size() > MOST_DATES) {
            wrong(path + ".dates", "at most " + MOST_DATES + ", were " + rule.dates().size());
        }
    }

    private static boolean isEmpty(@Nullable Set<LocalDate> dates) {
        return dates == null || dates.isEmpty();
    }

    /** Somebody whose zone is known for certain has to be reachable at some time. */
    private static boolean leavesNoTime(ContactPolicy policy) {
        for (Channel channel : Channel.values()) {
            for (Category category : List.of(Category.MARKETING, Category.SERVICE)) {
                QuietRules rules = Rules.of(policy, channel, category, null, null).quiet();
                Outcome.Quiet quiet = rules.at(Whereabouts.UNKNOWN, SOME_TIME);
                if (quiet != null && quiet.until() == null) {
                    return true;
                }
            }
        }
        return false;
    }

    private void preset(String field, String name) {
        if (LegalPresets.named(List.of(name)).isEmpty()) {
            wrong(
                    field,
                    "unknown preset '"
                            + name
                            + "'; GET /api/contact-policy/legal-presets lists them");
        }
    }

    private void neededOfEach(JsonNode document, String list, String field, String expected) {
        int i = 0;
        for (JsonNode item : document.path(list)) {
            needed(item, list + "[" + i++ + "].", field, expected);
        }
    }

    /** What the record itself would refuse as a whole is refused here by its field. */
    private void limits(JsonNode limits, String list) {
        int i = 0;
        for (JsonNode limit : limits) {
            String path = list + "[" + i++ + "].";
            if (limit.path("max").isIntegralNumber() && limit.path("max").asLong() < 0) {
                wrong(path + "max", "expected 0 or more, was " + limit.path("max"));
            }
            needed(limit, path, "per", DURATION);
            longerThanNothing(path + "per", limit.path("per"));
            String scope = limit.path("scope").asText();
            if (limit.hasNonNull("scope") && !SCOPES.contains(scope)) {
                wrong(path + "scope", "expected " + SCOPE + ", was " + limit.path("scope"));
            }
            onlyWith(limit, path, "channel", scope, "channel");
            onlyWith(limit, path, "journey", scope, "journey");
            onlyWith(limit, path, "category", scope, "global");
            onlyWith(limit, path, "topic", scope, "global");
            onlyWith(limit, path, "each", scope, "global");
            named(path + "topic", limit.path("topic"), TOPIC, TOPIC_EXPECTED);
            named(path + "journey", limit.path("journey"), KEY, KEY_EXPECTED);
            if (limit.hasNonNull("category") && limit.hasNonNull("topic")) {
                wrong(path + "topic", "a category is named already; make two of it");
            }
            if (limit.hasNonNull("each")
                    && (limit.hasNonNull("category") || limit.hasNonNull("topic"))) {
                wrong(path + "each", "one is named already");
            }
        }
    }

    private void onlyWith(
            JsonNode limit, String path, String field, String scope, String expected) {
        if (limit.hasNonNull(field) && !scope.isEmpty() && !scope.equals(expected)) {
            wrong(path + field, "does not go with scope " + scope);
        }
    }

    /** A journey could not be about another, so the limit would never hold. */
    private void named(String field, JsonNode name, Pattern pattern, String expected) {
        if (name.isTextual() && !pattern.matcher(name.asText()).matches()) {
            wrong(field, "expected " + expected + ", was '" + name.asText() + "'");
        }
    }

    private void name(String field, JsonNode name) {
        if (name.isTextual()
                && (name.asText().isBlank()
                        || name.asText().length() > LONGEST_NAME
                        || name.asText().chars().anyMatch(Character::isISOControl))) {
            wrong(field, "expected a name of at most " + LONGEST_NAME + " characters");
        }
    }

    /** What is no duration is named when it is read. */
    private void longerThanNothing(String field, JsonNode window) {
        try {
            Duration read = Duration.parse(window.asText());
            if (read.isNegative() || read.isZero()) {
                wrong(field, "expected longer than nothing, was " + window.asText());
            }
        } catch (DateTimeParseException notADuration) {
            return;
        }
    }

    private void saidOnce(String list, Stream<?> said) {
        List<?> all = said.toList();
        for (int i = 0; i < all.size(); i++) {
            int first = all.indexOf(all.get(i));
            if (first < i) {
                wrong(list + "[" + i + "]", "is about the same as " + list + "[" + first + "]");
            }
        }
    }

    private void neededOfEach(JsonNode items, String list, String expected) {
        int i = 0;
        for (JsonNode item : items) {
            if (item.isNull()) {
                wrong(list + "[" + i + "]", "is null, expected " + expected);
            }
            i++;
        }
    }

    /** A rule that is null would be none at all, for marketing without any consent. */
    private void saidOfEach(JsonNode consent) {
        consent.properties()
                .forEach(rule -> {
                    String field = "consent." + rule.getKey();
                    if (!CHANNELS.contains(rule.getKey())) {
                        wrong(field, "expected one of " + sorted(CHANNELS));
                    } else if (rule.getValue().isNull()) {
                        wrong(field, "is null, expected opt-in or opt-out");
                    }
                });
    }

    /** What a category passes is said whole: what was forgotten must not be taken for nothing. */
    private void categories(JsonNode categories) {
        categories
                .properties()
                .forEach(category -> {
                    String path = "categories." + category.getKey();
                    JsonNode rule = category.getValue();
                    if (!CATEGORIES.contains(category.getKey())) {
                        wrong(path, "expected one of " + sorted(CATEGORIES));
                        return;
                    }
                    if (!rule.isObject()) {
                        wrong(path, "expected an object of passes and counts");
                        return;
                    }
                    needed(rule, path + ".", "passes", "a list of what it passes, empty for none");
                    needed(rule, path + ".", "counts", "true or false");
                    neededOfEach(rule.path("passes"), path + ".passes", "a rule");
                });
    }

    private static String sorted(Set<String> words) {
        return String.join(", ", new TreeSet<>(words));
    }

    private void needed(JsonNode object, String path, String field, String expected) {
        if (!object.hasNonNull(field)) {
            wrong(path + field, "is missing, expected " + expected);
        }
    }

    private void silences(JsonNode silences) {
        int i = 0;
        for (JsonNode silence : silences) {
            String path = "silences[" + i++ + "].";
            if (silence.hasNonNull("covers")) {
                wrong(path + "covers", "expected all-journeys or an object of categories");
            }
            if (silence.path("categories").isArray() && silence.path("categories").isEmpty()) {
                wrong(path + "categories", "at least one; leave it out for all");
            }
            neededOfEach(silence.path("categories"), path + "categories", "a category");
            neededOfEach(silence.path("liftedBy"), path + "liftedBy", "an event's name");
            if (silence.path("liftedBy").size() > MOST_LIFTING) {
                wrong(path + "liftedBy", "at most " + MOST_LIFTING + " events");
            }
        }
    }

    private void silence(String field, ConversionSilence silence) {
        name(field + ".on", TextNode.valueOf(silence.on()));
        if (silence.liftedBy() != null) {
            silence.liftedBy().forEach(on -> name(field + ".liftedBy", TextNode.valueOf(on)));
        }
        if (silence.liftedBy() != null && silence.liftedBy().contains(silence.on())) {
            wrong(field + ".liftedBy", "expected another event than the one it begins with");
        }
        if (silence.period().isZero()) {
            wrong(field + ".period", "expected longer than nothing");
        }
        window(field + ".period", silence.period());
    }

    private void groups(List<ExclusionGroup> groups) {
        if (groups.size() > MOST_GROUPS) {
            wrong("exclusionGroups", "at most " + MOST_GROUPS + " groups, were " + groups.size());
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < groups.size(); i++) {
            ExclusionGroup group = groups.get(i);
            String field = "exclusionGroups[" + i + "]";
            if (!KEY.matcher(group.name()).matches()) {
                wrong(field + ".name", "expected " + KEY_EXPECTED + ", was '" + group.name() + "'");
            } else if (!names.add(group.name())) {
                wrong(field + ".name", "stands twice");
            }
            members(field + ".journeys", group.journeys());
        }
    }

    /** A journey may be named before it is written. */
    private void members(String field, List<String> journeys) {
        if (journeys.size() < 2 || journeys.size() > MOST_MEMBERS) {
            wrong(
                    field,
                    "expected from 2 to " + MOST_MEMBERS + " journeys, were " + journeys.size());
        }
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < journeys.size(); i++) {
            String key = journeys.get(i);
            if (!KEY.matcher(key).matches()) {
                wrong(field + "[" + i + "]", "expected " + KEY_EXPECTED + ", was '" + key + "'");
            } else if (!keys.add(key)) {
                wrong(field + "[" + i + "]", "stands twice");
            }
        }
    }

    private void zone(JsonNode zone) {
        try {
            ZoneId.of(zone.asText("UTC"));
        } catch (DateTimeException e) {
            wrong("defaultTimeZone", "expected " + ZONE + ", was '" + zone.asText() + "'");
        }
    }

    private void window(String field, @Nullable Duration window) {
        if (window != null && (window.isNegative() || window.compareTo(LONGEST) > 0)) {
            wrong(field, "expected between nothing and P90D, was " + window);
        }
    }

    private void wrong(String field, String detail) {
        errors.add(new FieldError(field, detail));
    }
}
