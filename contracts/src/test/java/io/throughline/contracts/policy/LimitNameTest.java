package io.throughline.contracts.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy.Alike;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.Each;
import io.throughline.contracts.policy.ContactPolicy.Gap;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitNameTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HALF = Duration.ofHours(12);

    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void whatIsPutTogetherIsTakenApartTheSame(String rule, LimitName name) {
        assertThat(LimitName.of(rule)).isEqualTo(name);
        assertThat(name.text()).isEqualTo(rule);
    }

    static Stream<Arguments> names() {
        return Stream.of(
                named(cap(Scope.GLOBAL, null, null), "cap:global:P1D", Alike.ANY, null),
                named(cap(Scope.CHANNEL, null, null), "cap:channel:sms:P1D", Alike.CHANNEL, "sms"),
                named(cap(Scope.JOURNEY, null, null), "cap:journey:P1D", Alike.JOURNEY, null),
                named(cap(Scope.JOURNEY, "a:b", null), "cap:journey:a:b:P1D", Alike.JOURNEY, "a:b"),
                named(
                        Cap.forEach(Each.CATEGORY, 1, DAY),
                        "cap:category:service:P1D",
                        Alike.CATEGORY,
                        "service"),
                named(Cap.forEach(Each.TOPIC, 1, DAY), "cap:topic:P1D", Alike.TOPIC, null),
                named(topic("offers"), "cap:topic:offers:P1D", Alike.TOPIC, "offers"),
                named(topic("a:b"), "cap:topic:a:b:P1D", Alike.TOPIC, "a:b"),
                named(topic("P1D"), "cap:topic:P1D:P1D", Alike.TOPIC, "P1D"),
                named(gap(Scope.GLOBAL, null, null), "gap:global", Alike.ANY, null),
                named(gap(Scope.CHANNEL, null, null), "gap:channel:sms", Alike.CHANNEL, "sms"),
                named(gap(Scope.JOURNEY, null, null), "gap:journey", Alike.JOURNEY, null),
                named(gap(Scope.GLOBAL, null, Each.TOPIC), "gap:topic", Alike.TOPIC, null),
                named(gap(Scope.GLOBAL, "offers", null), "gap:topic:offers", Alike.TOPIC, "offers"),
                named(gap(Scope.GLOBAL, "a:b", null), "gap:topic:a:b", Alike.TOPIC, "a:b"),
                named(gap(Scope.GLOBAL, "P1D", null), "gap:topic:P1D", Alike.TOPIC, "P1D"),
                Arguments.of("cap:topic:offers:PT12H", new LimitName(Alike.TOPIC, "offers", HALF)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"consent", "quiet-hours:us", "silence", "cap", "cap:", "gap:", "gap:x"})
    void whatIsNoCapAndNoGapHasNone(String rule) {
        assertThat(LimitName.of(rule)).isNull();
    }

    private static Arguments named(Cap cap, String rule, Alike alike, @Nullable String value) {
        assertThat(cap.rule(Channel.SMS, Category.SERVICE)).isEqualTo(rule);
        return Arguments.of(rule, new LimitName(alike, value, cap.per()));
    }

    private static Arguments named(Gap gap, String rule, Alike alike, @Nullable String value) {
        assertThat(gap.rule(Channel.SMS, Category.SERVICE)).isEqualTo(rule);
        return Arguments.of(rule, new LimitName(alike, value, null));
    }

    private static Cap topic(String topic) {
        return Cap.among(null, topic, 1, DAY);
    }

    private static Cap cap(Scope scope, @Nullable String journey, @Nullable Each each) {
        return new Cap(scope, null, 1, DAY, null, null, journey, each);
    }

    private static Gap gap(Scope scope, @Nullable String topic, @Nullable Each each) {
        return new Gap(scope, null, DAY, null, topic, null, each);
    }
}
