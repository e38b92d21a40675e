package io.throughline.attribution.http;

import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyWriter;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Reports as CSV (RFC 4180). Campaign names come from whoever wrote a link, so a text that a
 * spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
 */
@Provider
@Produces(Tabular.CSV)
public class CsvWriter implements ServerMessageBodyWriter<Tabular> {

    @Override
    public boolean isWriteable(
            Class<?> type, Type generic, ResteasyReactiveResourceInfo target, MediaType media) {
        return Tabular.class.isAssignableFrom(type);
    }

    @Override
    public boolean isWriteable(
            Class<?> type, Type generic, Annotation[] annotations, MediaType media) {
        return Tabular.class.isAssignableFrom(type);
    }

    @Override
    public void writeResponse(Tabular report, Type generic, ServerRequestContext context) {
        context.serverResponse().end(csv(report));
    }

    /** As {@link MessageBodyWriter} wants it; the server uses the other method. */
    @Override
    public void writeTo(
            Tabular report,
            Class<?> type,
            Type generic,
            Annotation[] annotations,
            MediaType media,
            MultivaluedMap<String, Object> headers,
            OutputStream stream)
            throws IOException {
        stream.write(csv(report).getBytes(StandardCharsets.UTF_8));
    }

    static String csv(Tabular report) {
        StringBuilder text = new StringBuilder();
        text.append(String.join(",", report.columns())).append("\r\n");
        for (List<@Nullable Object> row : report.rows()) {
            text.append(row.stream().map(CsvWriter::cell).collect(Collectors.joining(",")))
                    .append("\r\n");
        }
        return text.toString();
    }

    private static String cell(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case BigDecimal number -> number.toPlainString();
            case Number number -> number.toString();
            case String text -> quoted(harmless(text));
            default -> quoted(value.toString());
        };
    }

    private static String harmless(String text) {
        return !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
    }

    private static String quoted(String text) {
        return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }
}
