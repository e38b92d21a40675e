package io.throughline.journey.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.contracts.Category;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.journey.definition.JourneyDocument.Entry;
import io.throughline.journey.definition.JourneyDocument.ExitEvent;
import io.throughline.journey.definition.JourneyDocument.Goal;
import io.throughline.journey.definition.Parsed.Flaw;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journey document, YAML or JSON, and says everything that is wrong with it at once. Pure:
 * whether a channel has a route and a template exists is for the shell to ask, with {@link
 * JourneyDocument#sends()}.
 */
public final class JourneyParser {

    /** The field of a flaw of the document as a whole. */
    static final String WHOLE = "document";

    static final int MAX_BYTES = 1_048_576;

    private static final Set<String> KEYS =
            Set.of(
                    "journey",
                    "category",
                    "topic",
                    "priority",
                    "value",
                    "on-displaced",
                    "entry",
                    "exit",
                    "goal",
                    "holdout",
                    "steps");
    private static final Pattern JOURNEY_KEY = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern TOPIC = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final Pattern PERCENTAGE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,2})?) ?%");
    private static final int LONGEST_NAME = 200;
    private static final String COVERS = "all-journeys, this-journey or an object of categories";
    private static final String EVENT_NAME = "the name of a track event";
    private static final Set<String> EVENT_ONLY = Set.of("event");

    private final List<Flaw> flaws = new ArrayList<>();

    private JourneyParser() {}

    public static Parsed parse(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return new Parsed.Invalid(
                    List.of(new Flaw(WHOLE, "is larger than " + MAX_BYTES + " bytes")));
        }
        DocumentTree tree = DocumentTree.read(text);
        JsonNode root = tree.root();
        return root == null
                ? new Parsed.Invalid(tree.flaws())
                : new JourneyParser().parsed(root, tree.flaws());
    }

    private Parsed parsed(JsonNode root, List<Flaw> ofSyntax) {
        flaws.addAll(ofSyntax);
        JourneyDocument document = document(new Fields(root, "", KEYS, flaws));
        return document == null || !flaws.isEmpty()
                ? new Parsed.Invalid(flaws)
                : new Parsed.Valid(document);
    }

    /** Null only where a flaw says why. */
    private @Nullable JourneyDocument document(Fields root) {
        if (!root.isObject()) {
            return null;
        }
        String journeyExpected =
                "a key of lower-case letters, digits and hyphens, at most 63 characters";
        root.requires("journey", journeyExpected);
        String journey = root.matching("journey", JOURNEY_KEY, journeyExpected);
        root.requires("category", "marketing, service or transactional");
        Category category =
                root.word("category", "marketing, service or transactional", Category::of);
        String topic =
                root.matching(
                        "topic",
                        TOPIC,
                        "a consent topic of lower-case letters, digits, hyphens and underscores");
        Integer priority = root.number("priority", 0, 100);
        BigDecimal value = root.amount("value");
        OnDisplaced onDisplaced = root.word("on-displaced", "defer or drop", OnDisplaced::of);
        Entry entry = entry(root);
        List<ExitEvent> exit = exits(root);
        Goal goal = goal(root);
        BigDecimal holdout = holdout(root);
        List<Step> steps = new StepReader(flaws).steps(root);
        if (journey == null || category == null || entry == null) {
            return null;
        }
        return new JourneyDocument(
                journey,
                category,
                topic,
                Objects.requireNonNullElse(priority, JourneyDocument.DEFAULT_PRIORITY),
                value,
                Objects.requireNonNullElse(onDisplaced, OnDisplaced.DEFER),
                entry,
                exit,
                goal,
                holdout,
                steps);
    }

    private @Nullable Entry entry(Fields root) {
        if (!root.requires("entry", "an object with on, when, again-after")) {
            return null;
        }
        Fields fields =
                new Fields(root.raw("entry"), "entry", Set.of("on", "when", "again-after"), flaws);
        String on = fields.requiredName("on", EVENT_NAME);
        String when = fields.condition("when", JourneyDocument.VARIABLES);
        Duration againAfter = fields.durationOrZero("again-after");
        return on == null ? null : new Entry(on, when, againAfter);
    }

    private List<ExitEvent> exits(Fields root) {
        List<ExitEvent> exits = new ArrayList<>();
        List<JsonNode> items = root.items("exit", "a list of objects with on, when");
        for (int i = 0; i < items.size(); i++) {
            Fields fields =
                    new Fields(items.get(i), "exit[" + i + "]", Set.of("on", "when"), flaws);
            String on = fields.requiredName("on", EVENT_NAME);
            String when = fields.condition("when", JourneyDocument.VARIABLES);
            if (on != null) {
                exits.add(new ExitEvent(on, when));
            }
        }
        return exits;
    }

    private @Nullable Goal goal(Fields root) {
        if (!root.has("goal")) {
            return null;
        }
        Fields fields =
                new Fields(
                        root.raw("goal"),
                        "goal",
                        Set.of("on", "when", "within", "value", "silence", "covers", "lifted-by"),
                        flaws);
        String on = fields.requiredName("on", EVENT_NAME);
        String when = fields.condition("when", EVENT_ONLY);
        Duration within = fields.duration("within");
        String value = fields.expression("value", EVENT_ONLY);
        Duration silence = fields.duration("silence");
        boolean ofCategories = fields.raw("covers").isObject();
        SilenceScope covers =
                ofCategories
                        ? SilenceScope.ALL_JOURNEYS
                        : fields.word("covers", COVERS, SilenceScope::of);
        Set<Category> categories = ofCategories ? categories(fields) : Set.of();
        return on == null
                ? null
                : new Goal(
                        on,
                        when,
                        within,
                        value,
                        silence,
                        Objects.requireNonNullElse(covers, SilenceScope.ALL_JOURNEYS),
                        categories,
                        liftedBy(fields));
    }

    private Set<Category> categories(Fields goal) {
        Fields covers = new Fields(goal.raw("covers"), "goal.covers", Set.of("categories"), flaws);
        Set<Category> categories = EnumSet.noneOf(Category.class);
        for (String word : texts(covers, "categories", "goal.covers", "a list of categories")) {
            try {
                categories.add(Category.of(word));
            } catch (IllegalArgumentException e) {
                flaws.add(new Flaw("goal.covers.categories", String.valueOf(e.getMessage())));
            }
        }
        if (categories.isEmpty()) {
            flaws.add(new Flaw("goal.covers.categories", "expected one or more categories"));
        }
        return categories;
    }

    private Set<String> liftedBy(Fields goal) {
        return new LinkedHashSet<>(texts(goal, "lifted-by", "goal", "a list of event names"));
    }

    private List<String> texts(Fields fields, String key, String path, String expected) {
        List<String> texts = new ArrayList<>();
        int i = 0;
        for (JsonNode item : fields.items(key, expected)) {
            String at = path + "." + key + "[" + i++ + "]";
            if (!item.isTextual()
                    || item.asText().isBlank()
                    || item.asText().length() > LONGEST_NAME
                    || item.asText().chars().anyMatch(Character::isISOControl)) {
                flaws.add(new Flaw(at, "expected a name, was " + Fields.shown(item)));
            } else {
                texts.add(item.asText());
            }
        }
        return texts;
    }

    private BigDecimal holdout(Fields root) {
        String expected = "a percentage from 0% to 100% with at most two decimals, such as 10%";
        String text = root.text("holdout", expected);
        if (text == null) {
            return BigDecimal.ZERO;
        }
        var shape = PERCENTAGE.matcher(text);
        BigDecimal percentage = shape.matches() ? new BigDecimal(shape.group(1)) : null;
        if (percentage == null || percentage.compareTo(BigDecimal.valueOf(100)) > 0) {
            root.flaw("holdout", "expected " + expected + ", was '" + text + "'");
            return BigDecimal.ZERO;
        }
        return percentage;
    }
}
