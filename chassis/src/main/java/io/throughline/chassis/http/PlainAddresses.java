package io.throughline.chassis.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refuses addresses that hold U+0000 before anything reads them: no text of PostgreSQL's can hold
 * it, so every query that took such a parameter would fail.
 */
@ApplicationScoped
final class PlainAddresses {

    /** Before the handlers that know who calls and which route is meant. */
    private static final int BEFORE_ROUTES = 900;

    private static final String NUL = "%00";

    private static final Pattern BROKEN = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private final ObjectMapper json;

    PlainAddresses(ObjectMapper json) {
        this.json = json;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, BEFORE_ROUTES);
    }

    private void check(RoutingContext context) {
        String address = context.request().uri();
        int place = address.indexOf(NUL);
        if (place >= 0) {
            refuse(context, part(address, place), "expected no U+0000");
            return;
        }
        Matcher broken = BROKEN.matcher(address);
        if (broken.find()) {
            refuse(context, part(address, broken.start()), "expected two hex digits after each %");
            return;
        }
        context.next();
    }

    private void refuse(RoutingContext context, String part, String detail) {
        ProblemDocument.answer(context, Problem.badRequest(part, detail), json);
    }

    /** The parameter that holds the place, or the path. */
    private static String part(String address, int place) {
        int mark = address.indexOf('?');
        if (mark < 0 || place < mark) {
            return "path";
        }
        int start = Math.max(mark, address.lastIndexOf('&', place)) + 1;
        int equals = address.indexOf('=', start);
        return equals < 0 || equals > place ? "query" : address.substring(start, equals);
    }
}
