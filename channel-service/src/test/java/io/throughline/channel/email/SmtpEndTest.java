package io.throughline.channel.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.route.HandOver;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A mail server's answer")
class SmtpEndTest {

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource({
        "RECIPIENT, 550, 550 5.1.1 no such user, 550 5.1.1",
        "DATA, 554, 554 no valid recipients, 554",
        "END, 554, 554 5.7.1 refused, 554 5.7.1",
    })
    void of5xxAboutTheMailIsRefusedForGood(Step at, int code, String line, String expected) {
        SmtpEnd end = new SmtpEnd(at, code, line);

        assertThat(end.outcome("<id>")).isEqualTo(new HandOver.Refused(expected, line));
        assertThat(end.rest()).isEqualTo(Duration.ZERO);
        assertThat(end.needsSomebody()).isFalse();
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource({
        "GREETING, 554, 554 we do not want you here",
        "STARTTLS, 454, 454 TLS not available",
        "LOGIN, 535, 535 5.7.8 authentication failed",
        "SENDER, 550, 550 5.7.60 not allowed to send as this sender",
        "SENDER, 530, 530 5.7.0 authentication required",
    })
    void aboutUsEndsNoMessage(Step at, int code, String line) {
        SmtpEnd end = new SmtpEnd(at, code, line);

        assertThat(end.outcome("<id>")).isEqualTo(new HandOver.NotTaken(line));
        assertThat(end.rest()).isPositive();
        assertThat(end.needsSomebody()).isEqualTo(code >= 500);
        assertThat(at.advice()).isNotBlank();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource({"451, 451 4.3.0 try again", "452, 452 4.2.2 mailbox full"})
    void of4xxIsNotTaken(int code, String line) {
        SmtpEnd end = new SmtpEnd(Step.RECIPIENT, code, line);

        assertThat(end.outcome("<id>")).isEqualTo(new HandOver.NotTaken(line));
        assertThat(end.rest()).isEqualTo(Duration.ZERO);
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void of421IsAskingForPatience(Step at) {
        SmtpEnd end = new SmtpEnd(at, 421, "421 4.7.28 rate limited");

        assertThat(end.outcome("<id>")).isInstanceOf(HandOver.Throttled.class);
        assertThat(end.rest()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void thatNeverCameIsUnknownOnlyAfterTheLastLine(Step at) {
        HandOver outcome = new SmtpEnd(at, SmtpEnd.SILENCE, "connection reset").outcome("<id>");

        assertThat(outcome)
                .isInstanceOf(at == Step.END ? HandOver.Unknown.class : HandOver.NotTaken.class);
    }
}
