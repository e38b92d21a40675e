package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ResponseReaderTest {

    private static final String ANSWER =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nVary: Origin\r\n\r\nbusy";

    @Test
    void anAnswerIsReadHoweverItIsCut() {
        for (int cut = 1; cut < ANSWER.length(); cut++) {
            ResponseReader reader = new ResponseReader();
            assertThat(reader.read(Buffer.buffer(ANSWER.substring(0, cut)))).isEmpty();
            assertThat(reader.read(Buffer.buffer(ANSWER.substring(cut)))).hasValue(503);
        }
    }

    @Test
    void oneAnswerAfterAnotherIsRead() {
        ResponseReader reader = new ResponseReader();
        assertThat(reader.read(Buffer.buffer(ANSWER))).isEqualTo(OptionalInt.of(503));
        assertThat(reader.read(Buffer.buffer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")))
                .hasValue(200);
    }

    @Test
    void anAnswerOfAnotherFormIsNotTakenForSomethingElse() {
        assertThatThrownBy(() ->
                        new ResponseReader()
                                .read(
                                        Buffer.buffer(
                                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new ResponseReader().read(Buffer.buffer(ANSWER + ANSWER)))
                .isInstanceOf(IllegalStateException.class);
    }
}
