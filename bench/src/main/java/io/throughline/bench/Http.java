package io.throughline.bench;

import io.throughline.local.LocalSettings;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** HTTP/1.1 requests as bytes, made once and sent many times. */
final class Http {

    static final String SITE =
            "Basic "
                    + Base64.getEncoder()
                            .encodeToString(
                                    (LocalSettings.WRITE_KEY + ":")
                                            .getBytes(StandardCharsets.UTF_8));
    static final String MARKETER = "Bearer " + LocalSettings.MARKETER_TOKEN;

    private Http() {}

    static Buffer request(String method, String path, String authorization, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String head =
                """
                %s %s HTTP/1.1\r
                Host: localhost\r
                Authorization: %s\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """
                        .formatted(method, path, authorization, body.length);
        return Buffer.buffer(head).appendBytes(body);
    }
}
