package io.throughline.channel.service;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.throughline.channel.email.ScriptedSmtp;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** As {@link OwnPort}, and mails go to a server that thinks for long about each recipient. */
public final class SlowMailServer implements QuarkusTestResourceLifecycleManager {

    static final Duration THINKS = Duration.ofSeconds(2);

    private static final ScriptedSmtp SERVER = new ScriptedSmtp();

    static ScriptedSmtp server() {
        return SERVER;
    }

    @Override
    public Map<String, String> start() {
        SERVER.answersLate("RCPT", THINKS, "250 ok");
        Map<String, String> properties = new HashMap<>(new OwnPort().start());
        properties.put("throughline.channel.smtp.host", "127.0.0.1");
        properties.put("throughline.channel.smtp.port", Integer.toString(SERVER.port()));
        properties.put("throughline.channel.smtp.from", "shop@example.com");
        return properties;
    }

    @Override
    public void stop() {}
}
