package io.throughline.channel.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.route.HandOver;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A mail server's answer")
class SmtpReplyTest {

    @ParameterizedTest(name = "{1}")
    @CsvSource({
        "550, 550 5.1.1 no such user, 550 5.1.1",
        "554, 554 5.7.1 refused, 554 5.7.1",
        "550, 550 no, 550"
    })
    void of5xxIsRefusedForGood(int code, String line, String expected) {
        assertThat(SmtpReply.of(code, List.of(line)))
                .isEqualTo(new HandOver.Refused(expected, line));
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource({"451, 451 4.3.0 try again", "452, 452 4.2.2 mailbox full"})
    void of4xxIsNotTaken(int code, String line) {
        assertThat(SmtpReply.of(code, List.of(line))).isEqualTo(new HandOver.NotTaken(line));
    }

    @Test
    void of421IsAskingForPatience() {
        assertThat(SmtpReply.of(421, List.of("421 4.7.28 rate limited")))
                .isInstanceOf(HandOver.Throttled.class);
    }

    @Test
    void thatNeverCameIsUnknownUnlessThereWasNoConnection() {
        assertThat(SmtpReply.of(new IOException("connection reset")))
                .isInstanceOf(HandOver.Unknown.class);
        assertThat(SmtpReply.of(new RuntimeException(new ConnectException("refused"))))
                .isInstanceOf(HandOver.NotTaken.class);
    }
}
