package io.throughline.local.gateway;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.stream.Collectors;

/** The list of addresses at the gateway's root. */
final class IndexPage {

    private IndexPage() {}

    static String json(Map<String, String> addresses) {
        JsonObject index = new JsonObject();
        addresses.forEach(index::put);
        return index.encode();
    }

    static String html(Map<String, String> addresses) {
        String rows =
                addresses.entrySet().stream()
                        .map(entry -> row(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining());
        return """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Throughline</title>
        <style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:48rem;padding:0 1rem}
        td{padding:.2rem 1.5rem .2rem 0}</style></head>
        <body><h1>Throughline</h1><p>This stack listens on this machine only.</p>
        <table>%s</table></body></html>
        """
                .formatted(rows);
    }

    private static String row(String name, String address) {
        String shown = escaped(address);
        String cell =
                address.startsWith("http")
                        ? "<a href=\"%s\">%s</a>".formatted(shown, shown)
                        : shown;
        return "<tr><td>%s</td><td>%s</td></tr>".formatted(escaped(name), cell);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
