package io.throughline.journey.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.journey.Journeys;
import io.throughline.journey.definition.JourneyDocument.PossibleSend;
import io.throughline.journey.definition.Parsed.Flaw;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JourneyParserTest {

    private static final String HEAD =
            """
            journey: a
            category: marketing
            entry: { on: X }
            """;

    @Test
    void aGoalSaysWhatItsSilenceCoversAndWhatLiftsIt() {
        JourneyDocument document =
                Journeys.document(
                        """
                        journey: cart
                        category: marketing
                        entry: { on: Checkout Started }
                        goal:
                          on: Order Completed
                          silence: P2D
                          covers: { categories: [service, marketing] }
                          lifted-by: [Order Refunded]
                        steps: [ { wait: PT1H } ]
                        """);
        assertThat(document.conversionRules())
                .containsExactly(
                        new ConversionRule(
                                "Order Completed",
                                null,
                                null,
                                null,
                                Duration.ofDays(2),
                                SilenceScope.ALL_JOURNEYS,
                                Set.of(Category.MARKETING, Category.SERVICE),
                                Set.of("Order Refunded")));
        assertThat(Journeys.document(JourneyJson.write(document))).isEqualTo(document);
    }

    @Test
    void theBriefsJourneyIsRead() {
        JourneyDocument document =
                Journeys.document(Journeys.text("journeys/cart-abandonment.yaml"));

        assertThat(document.journey()).isEqualTo("cart-abandonment");
        assertThat(document.category()).isEqualTo(Category.MARKETING);
        assertThat(document.topic()).isNull();
        assertThat(document.priority()).isEqualTo(60);
        assertThat(document.entry())
                .isEqualTo(
                        new JourneyDocument.Entry(
                                "Checkout Started",
                                "event.properties.value >= 20.0",
                                Duration.ofDays(1)));
        assertThat(document.exit())
                .containsExactly(new JourneyDocument.ExitEvent("Order Completed", null));
        assertThat(document.conversionRules())
                .containsExactly(
                        new ConversionRule(
                                "Order Completed",
                                null,
                                "event.properties.total",
                                Duration.ofDays(3),
                                Duration.ofDays(2),
                                SilenceScope.ALL_JOURNEYS));
        assertThat(document.holdout()).isEqualByComparingTo(BigDecimal.TEN);
        assertThat(document.steps())
                .containsExactly(
                        new Step.Wait(Duration.ofMinutes(45)),
                        send(Channel.PUSH, "cart-first"),
                        new Step.WaitFor(
                                "Cart Viewed", null, Duration.ofHours(6), List.of(), List.of()),
                        new Step.Branch(
                                List.of(
                                        new Step.Arm(
                                                "customer.scores.purchase_30d < 0.05",
                                                List.of(new Step.Exit("low-propensity")))),
                                List.of()),
                        new Step.Send(
                                new Step.Via.Best(
                                        List.of(Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)),
                                "cart-second",
                                Duration.ofDays(1),
                                List.of()),
                        new Step.Wait(Duration.ofHours(20)),
                        new Step.Send(
                                new Step.Via.Fixed(Channel.SMS),
                                "cart-last",
                                Duration.ofDays(1),
                                List.of(send(Channel.EMAIL, "cart-last"))));
    }

    @Test
    void everySendIsNamedWithItsPathChannelAndTemplate() {
        assertThat(Journeys.document(Journeys.text("journeys/everything.yaml")).sends())
                .containsExactly(
                        new PossibleSend("steps[0].wait-for.then[0].send", Channel.SMS, "shipped"),
                        new PossibleSend(
                                "steps[0].wait-for.then[0].send", Channel.EMAIL, "shipped"),
                        new PossibleSend(
                                "steps[0].wait-for.else[0].send", Channel.EMAIL, "late-apology"),
                        new PossibleSend("steps[2].send", Channel.SMS, "review-please"),
                        new PossibleSend(
                                "steps[2].send.unless-denied.then[0].send",
                                Channel.EMAIL,
                                "review-please"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"journeys/cart-abandonment.yaml", "journeys/everything.yaml"})
    void canonicalJsonReadsBackAsTheSameDocument(String name) {
        JourneyDocument document = Journeys.document(Journeys.text(name));

        assertThat(Journeys.document(document.toJson())).isEqualTo(document);
        assertThat(Journeys.document(document.toJson()).toJson()).isEqualTo(document.toJson());
    }

    @Test
    void canonicalJsonKeepsItsFormat() {
        assertThat(Journeys.document(Journeys.text("journeys/everything.yaml")).toJson() + "\n")
                .isEqualTo(Journeys.text("journeys/everything.json"));
    }

    static Stream<Arguments> flaws() {
        return Stream.of(
                // the document
                flaw("", "document", "is empty"),
                flaw("just text", "document", "expected an object"),
                flaw("[]", "document", "expected an object"),
                flaw("journey: [", "document", "cannot be read at line"),
                flaw("{\"journey\" \"a\"}", "document", "cannot be read at line 1"),
                flaw(
                        HEAD + "steps: [{wait: PT1S}]\n---\njourney: b\n",
                        "document",
                        "more than one"),
                flaw("{}", "journey", "is missing"),
                flaw("{}", "category", "is missing"),
                flaw("{}", "entry", "is missing"),
                flaw("{}", "steps", "is missing"),
                flaw("colour: red", "colour", "unknown key 'colour', expected one of category"),
                flaw("journey: a\njourney: b", "journey", "stands twice"),
                flaw("journey: Cart", "journey", "lower-case"),
                flaw("journey: 7", "journey", "lower-case"),
                flaw("journey:", "journey", "was empty"),
                flaw("category: spam", "category", "expected one of marketing, service"),
                flaw("topic: 'a b'", "topic", "consent topic"),
                flaw("priority: 101", "priority", "from 0 to 100"),
                flaw("priority: 1.5", "priority", "from 0 to 100"),
                flaw("priority: high", "priority", "from 0 to 100"),
                flaw("a: &x 1\nb: *x", "b", "is an alias"),
                // entry, exit, goal, holdout
                flaw("entry: X", "entry", "expected an object with again-after, on, when"),
                flaw("entry: {}", "entry.on", "is missing"),
                flaw("entry: {on: X, wehn: 'true'}", "entry.wehn", "unknown key 'wehn'"),
                flaw("entry: {on: X, when: 'a ='}", "entry.when", "a CEL expression over"),
                flaw("entry: {on: X, when: 'profile.a'}", "entry.when", "profile"),
                flaw("entry: {on: X, when: true}", "entry.when", "was true"),
                flaw("entry: {on: X, again-after: 1d}", "entry.again-after", "was '1d'"),
                flaw("exit: {on: X}", "exit", "expected a list"),
                flaw("exit: [{on: X}, {when: 'true'}]", "exit[1].on", "is missing"),
                flaw("goal: X", "goal", "expected an object"),
                flaw("goal: {on: X, within: P}", "goal.within", "ISO 8601"),
                flaw(
                        "goal: {on: X, value: 'event..'}",
                        "goal.value",
                        "a CEL expression over event"),
                flaw("goal: {on: X, when: customer.vip}", "goal.when", "customer"),
                flaw("goal: {on: X, silence: PT0S}", "goal.silence", "longer than nothing"),
                flaw("goal: {on: X, covers: everything}", "goal.covers", "all-journeys"),
                flaw("holdout: 101%", "holdout", "from 0% to 100%"),
                flaw("holdout: 10", "holdout", "such as 10%"),
                flaw("holdout: 1.234%", "holdout", "two decimals"),
                flaw("holdout: -1%", "holdout", "from 0% to 100%"),
                // steps
                flaw("steps: []", "steps", "at least one step"),
                flaw("steps: {wait: PT1S}", "steps", "expected a list of steps"),
                flaw("steps: [wait]", "steps[0]", "exactly one of branch, exit, send"),
                flaw("steps: [{}]", "steps[0]", "was one with 0 keys"),
                flaw("steps: [{wait: PT1S, exit: a}]", "steps[0]", "was one with 2 keys"),
                flaw("steps: [{dance: x}]", "steps[0].dance", "unknown step 'dance'"),
                flaw("steps: [{wait: 5m}]", "steps[0].wait", "such as PT45M"),
                flaw("steps: [{wait: PT0.5S}]", "steps[0].wait", "such as PT45M"),
                flaw("steps: [{wait: P1M}]", "steps[0].wait", "such as PT45M"),
                flaw("steps: [{wait: -PT5M}]", "steps[0].wait", "such as PT45M"),
                flaw("steps: [{wait: P9999D}]", "steps[0].wait", "at most P3660D"),
                flaw("steps: [{wait: PT0S}]", "steps[0].wait", "longer than nothing"),
                flaw("steps: [{wait: 5}]", "steps[0].wait", "was 5"),
                flaw("steps: [{exit: ''}]", "steps[0].exit", "a reason"),
                flaw("steps: [{wait-for: {timeout: PT1S}}]", "steps[0].wait-for.on", "is missing"),
                flaw("steps: [{wait-for: {on: X}}]", "steps[0].wait-for.timeout", "is missing"),
                flaw(
                        "steps: [{wait-for: {on: X, timeout: PT1S, when: '1 +'}}]",
                        "steps[0].wait-for.when",
                        "a CEL expression"),
                flaw(
                        "steps: [{wait-for: {on: X, timeout: PT1S, then: []}}]",
                        "steps[0].wait-for.then",
                        "at least one step"),
                flaw("steps: [{send: sms}]", "steps[0].send", "expected an object"),
                flaw("steps: [{send: {template: t}}]", "steps[0].send.channel", "is missing"),
                flaw("steps: [{send: {channel: sms}}]", "steps[0].send.template", "is missing"),
                flaw(
                        "steps: [{send: {channel: fax, template: t}}]",
                        "steps[0].send.channel",
                        "unknown channel 'fax', expected best or one of email, sms"),
                flaw(
                        "steps: [{send: {channel: sms, template: 'A B'}}]",
                        "steps[0].send.template",
                        "a template key"),
                flaw(
                        "steps: [{send: {channel: best, template: t}}]",
                        "steps[0].send.among",
                        "is missing"),
                flaw(
                        "steps: [{send: {channel: best, among: [], template: t}}]",
                        "steps[0].send.among",
                        "at least one channel"),
                flaw(
                        "steps: [{send: {channel: best, among: [sms, fax], template: t}}]",
                        "steps[0].send.among[1]",
                        "was 'fax'"),
                flaw(
                        "steps: [{send: {channel: best, among: [sms, sms], template: t}}]",
                        "steps[0].send.among[1]",
                        "stands twice"),
                flaw(
                        "steps: [{send: {channel: sms, among: [sms], template: t}}]",
                        "steps[0].send.among",
                        "only goes with channel: best"),
                flaw(
                        "steps: [{send: {channel: sms, template: t, at: best}}]",
                        "steps[0].send.at",
                        "not built yet"),
                flaw(
                        "steps: [{send: {channel: sms, template: t, at: noon}}]",
                        "steps[0].send.at",
                        "was 'noon'"),
                flaw(
                        "steps: [{send: {channel: sms, template: t, within: soon}}]",
                        "steps[0].send.within",
                        "was 'soon'"),
                flaw(
                        "steps: [{send: {channel: sms, template: t, unless-denied: {}}}]",
                        "steps[0].send.unless-denied.then",
                        "is missing"),
                flaw(
                        "steps: [{send: {channel: sms, template: t, unless-denied: {then: [{wait: x}]}}}]",
                        "steps[0].send.unless-denied.then[0].wait",
                        "ISO 8601"),
                flaw("steps: [{branch: []}]", "steps[0].branch", "at least one {when, then}"),
                flaw("steps: [{branch: x}]", "steps[0].branch", "a list of {when, then}"),
                flaw(
                        "steps: [{branch: [{when: 'true'}]}]",
                        "steps[0].branch[0].then",
                        "is missing"),
                flaw(
                        "steps: [{branch: [{then: [{wait: PT1S}]}]}]",
                        "steps[0].branch[0].when",
                        "is missing"),
                flaw(
                        "steps: [{branch: [{when: '(', then: [{wait: PT1S}]}]}]",
                        "steps[0].branch[0].when",
                        "a CEL expression over customer, event, journey"),
                flaw(
                        "steps: [{branch: [{else: [{wait: PT1S}]}, {when: 'true', then: [{wait: PT1S}]}]}]",
                        "steps[0].branch[0].else",
                        "unknown key 'else'"),
                flaw(
                        "steps: [{branch: [{when: 'true', then: [{wait: PT1S}]}, {else: []}]}]",
                        "steps[0].branch[1].else",
                        "at least one step"));
    }

    @ParameterizedTest
    @MethodSource("flaws")
    void aFlawNamesItsFieldAndWhatWasExpected(String text, String field, String detail) {
        assertThat(flawsOf(text))
                .anySatisfy(flaw -> {
                    assertThat(flaw.field()).isEqualTo(field);
                    assertThat(flaw.detail()).contains(detail);
                });
    }

    @Test
    void everyFlawIsReportedAtOnce() {
        List<Flaw> flaws =
                flawsOf(
                        """
                        journey: Not A Key
                        category: marketing
                        entry: { on: X, when: "event.properties.value >=" }
                        holdout: lots
                        steps:
                          - wait: soon
                          - dance: { with: wolves }
                          - branch:
                              - when: "customer.vip"
                                then: [ { send: { channel: sms } } ]
                              - when: "nobody.knows"
                                then: [ { exit: x } ]
                        """);

        assertThat(flaws)
                .extracting(Flaw::field)
                .containsExactly(
                        "journey",
                        "entry.when",
                        "holdout",
                        "steps[0].wait",
                        "steps[1].dance",
                        "steps[2].branch[0].then[0].send.template",
                        "steps[2].branch[1].when");
    }

    @Test
    void aDocumentOfMoreThanAMegabyteIsNotRead() {
        String text = HEAD + "steps: [{wait: PT1S}]\n#" + "x".repeat(1_048_576);

        assertThat(flawsOf(text))
                .containsExactly(new Flaw("document", "is larger than 1048576 bytes"));
    }

    @Test
    void fiveHundredStepsAreReadAndOneMoreIsNot() {
        assertThat(Journeys.document(HEAD + waits(500)).steps()).hasSize(500);
        assertThat(flawsOf(HEAD + waits(501)))
                .containsExactly(new Flaw("steps", "expected at most 500 steps, was 501"));
    }

    @Test
    void stepsNestTenLevelsDeepAndNoFurther() {
        assertThat(Journeys.document(HEAD + nested(10)).sends()).hasSize(1);
        assertThat(flawsOf(HEAD + nested(11)))
                .anySatisfy(flaw -> assertThat(flaw.detail()).contains("at most 10 levels"));
    }

    @Test
    void absurdNestingIsRefusedWithoutHarm() {
        assertThat(flawsOf("{\"steps\":" + "[".repeat(100_000)))
                .anySatisfy(flaw -> assertThat(flaw.field()).isEqualTo("document"));
    }

    @Test
    void wordsThatYamlOneDotOneTakesForBooleansAreText() {
        JourneyDocument document =
                Journeys.document(
                        "journey: yes\ncategory: marketing\nentry: { on: on }\nsteps: [{exit: no}]");

        assertThat(document.journey()).isEqualTo("yes");
        assertThat(document.entry().on()).isEqualTo("on");
        assertThat(document.steps()).containsExactly(new Step.Exit("no"));
    }

    private static List<Flaw> flawsOf(String text) {
        return switch (JourneyParser.parse(text)) {
            case Parsed.Valid valid -> throw new AssertionError("accepted " + valid.document());
            case Parsed.Invalid(List<Flaw> flaws) -> flaws;
        };
    }

    private static Step send(Channel channel, String template) {
        return new Step.Send(new Step.Via.Fixed(channel), template, Duration.ofDays(1), List.of());
    }

    private static String waits(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "  - wait: PT1S\n")
                .collect(Collectors.joining("", "steps:\n", ""));
    }

    private static String nested(int levels) {
        String step = "{send: {channel: sms, template: t}}";
        for (int i = 1; i < levels; i++) {
            step = "{branch: [{when: 'true', then: [" + step + "]}]}";
        }
        return "steps: [" + step + "]\n";
    }

    private static Arguments flaw(String text, String field, String detail) {
        return Arguments.of(text, field, detail);
    }
}
