package io.throughline.kubernetes;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A kustomize directory, rendered as far as our own goes: {@code resources}, {@code namespace} and
 * {@code images}. Any other directive is refused, so that the test never checks less than what a
 * cluster would get.
 */
final class Kustomization {

    private static final Set<String> UNDERSTOOD =
            Set.of("apiVersion", "kind", "namespace", "resources", "images");

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private final List<HasMetadata> resources = new ArrayList<>();

    private Kustomization() {}

    @SuppressWarnings("unchecked")
    static Kustomization render(Path directory) throws IOException {
        Map<String, Object> instructions =
                SERIALIZATION.unmarshal(
                        Files.readString(directory.resolve("kustomization.yaml")), Map.class);
        if (!UNDERSTOOD.containsAll(instructions.keySet())) {
            throw new IllegalArgumentException(
                    "directives that this renderer does not know: " + instructions.keySet());
        }
        Kustomization result = new Kustomization();
        for (String file : (List<String>) instructions.getOrDefault("resources", List.of())) {
            for (String document :
                    Files.readString(directory.resolve(file)).split("(?m)^---\\s*$")) {
                result.add(document);
            }
        }
        String namespace = (String) instructions.get("namespace");
        result.resources.forEach(r -> r.getMetadata().setNamespace(namespace));
        for (Map<String, String> image :
                (List<Map<String, String>>) instructions.getOrDefault("images", List.of())) {
            result.tag(String.valueOf(image.get("name")), String.valueOf(image.get("newTag")));
        }
        return result;
    }

    private void add(String document) {
        resources.add(SERIALIZATION.unmarshal(document, HasMetadata.class));
    }

    private void tag(String image, String tag) {
        long found =
                all(Deployment.class)
                        .flatMap(d -> d.getSpec().getTemplate().getSpec().getContainers().stream())
                        .filter(c -> c.getImage().equals(image))
                        .peek(c -> c.setImage(image + ":" + tag))
                        .map(Container::getName)
                        .count();
        if (found == 0) {
            throw new IllegalArgumentException("no container has the image " + image);
        }
    }

    List<HasMetadata> resources() {
        return resources;
    }

    <T extends HasMetadata> Stream<T> all(Class<T> type) {
        return resources.stream().filter(type::isInstance).map(type::cast);
    }

    <T extends HasMetadata> T only(Class<T> type, String name) {
        List<T> found = all(type).filter(r -> r.getMetadata().getName().equals(name)).toList();
        if (found.size() != 1) {
            throw new IllegalStateException(
                    found.size() + " of " + type.getSimpleName() + " " + name);
        }
        return found.getFirst();
    }

    /** Fields that the models kept only as additional properties, found by walking them. */
    static List<String> unknownFields(Object model) {
        List<String> found = new ArrayList<>();
        walk(model.getClass().getSimpleName(), model, found);
        return found;
    }

    private static void walk(String path, @Nullable Object value, List<String> found) {
        if (value instanceof Collection<?> items) {
            items.forEach(item -> walk(path + "[]", item, found));
        } else if (value != null
                && value.getClass().getName().startsWith("io.fabric8.kubernetes.api.model")) {
            for (Method method : value.getClass().getMethods()) {
                if (method.getParameterCount() == 0 && method.getName().startsWith("get")) {
                    step(path, value, method, found);
                }
            }
        }
    }

    private static void step(String path, Object model, Method getter, List<String> found) {
        try {
            Object value = getter.invoke(model);
            if (getter.isAnnotationPresent(JsonAnyGetter.class)) {
                if (value instanceof Map<?, ?> unknown) {
                    unknown.keySet().forEach(key -> found.add(path + "." + key));
                }
            } else {
                walk(path + "." + getter.getName().substring(3), value, found);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(getter + " cannot be called", e);
        }
    }
}
