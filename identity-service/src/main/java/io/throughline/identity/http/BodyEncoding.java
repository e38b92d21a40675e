package io.throughline.identity.http;

import io.throughline.chassis.http.Problem;
import io.throughline.identity.tracking.TrackingBody;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * Undoes the {@code Content-Encoding} of a request (RFC 9110, section 8.4). Here and not in the
 * server, which closes the connection where header and body disagree: a sender would take that for
 * an outage and send the same again for ever.
 */
final class BodyEncoding {

    private static final String FIELD = "Content-Encoding";

    /** More than any body may have; the check of sizes says so of what is cut off here. */
    private static final int ENOUGH = TrackingBody.MAX_BODY + 1;

    private BodyEncoding() {}

    /**
     * @throws Problem where the encoding is none that is known, or the body is not in it
     */
    static byte[] decoded(HttpServerRequest request, byte[] body) {
        String named = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        return named == null ? body : decoded(named, body);
    }

    private static byte[] decoded(String named, byte[] body) {
        return switch (named.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> body;
            case "gzip", "x-gzip" -> read(named, body, GZIPInputStream::new);
            case "deflate" -> read(named, body, InflaterInputStream::new);
            default ->
                    throw Problem.of(
                            415,
                            "unsupported-encoding",
                            FIELD + ": expected gzip, deflate or none",
                            List.of(
                                    new Problem.FieldError(
                                            FIELD, "expected gzip, deflate or none")));
        };
    }

    private interface Decoder {
        InputStream over(InputStream encoded) throws IOException;
    }

    private static byte[] read(String named, byte[] body, Decoder decoder) {
        try (InputStream plain = decoder.over(new ByteArrayInputStream(body))) {
            return plain.readNBytes(ENOUGH);
        } catch (IOException e) {
            throw Problem.badRequest(
                    FIELD, "says %s, but the body is not in it".formatted(named.strip()));
        }
    }
}
