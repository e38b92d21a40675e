package io.throughline.local.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.throughline.local.simulators.Simulators;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Real Kafka, PostgreSQL and Redis, the SMSC simulator and the SMTP sink for the tests of a
 * service: {@code @QuarkusTestResource(EmbeddedInfrastructure.class)}.
 *
 * <p>They start once a JVM on free ports and end with it. Each application start gets its own empty
 * database; topics are shared by all tests of the JVM. {@code throughline.identity.url} and {@code
 * throughline.channel.url} lead nowhere: a test that needs them adds a resource with a stub, which
 * overrides, because this one goes first. Plain tests call {@link #properties}.
 */
public final class EmbeddedInfrastructure implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return properties();
    }

    /** They are shared with the JVM's other tests and end with it. */
    @Override
    public void stop() {}

    @Override
    public int order() {
        // Quarkus compares orders by subtraction, so the least integer would overflow.
        return -1000;
    }

    /** The configuration of a service with a new, empty database; starts what is not running. */
    public static Map<String, String> properties() {
        try {
            Object properties =
                    ClassLoader.getSystemClassLoader()
                            .loadClass(SharedInfrastructure.class.getName())
                            .getMethod("propertiesWithFreshDatabase")
                            .invoke(null);
            Map<String, String> copy = new LinkedHashMap<>();
            ((Map<?, ?>) properties)
                    .forEach((name, value) -> copy.put(name.toString(), value.toString()));
            System.setProperty(
                    SharedInfrastructure.SIMULATORS_URL,
                    copy.get(SharedInfrastructure.SIMULATORS_URL));
            return copy;
        } catch (ReflectiveOperationException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** What was received, and how to misbehave; for assertions. */
    public static Simulators simulators() {
        String url = System.getProperty(SharedInfrastructure.SIMULATORS_URL);
        if (url == null) {
            throw new IllegalStateException("the infrastructure is not started in this JVM");
        }
        return new Simulators(URI.create(url));
    }
}
