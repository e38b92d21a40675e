package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.Claim;
import io.throughline.channel.link.Links.Target;
import io.throughline.channel.store.LinkTargets;
import io.throughline.channel.store.Templates;
import io.throughline.channel.store.Templates.Source;
import io.throughline.channel.template.CompiledTemplate;
import io.throughline.channel.template.Composer;
import io.throughline.channel.template.Composer.Composed;
import io.throughline.channel.template.Composer.Ready;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Composes with the stored templates. Rendering takes too long for an event loop and compiled
 * templates are not for several threads, so one thread renders.
 */
@ApplicationScoped
class TemplateComposing implements Composing {

    private static final int MOST_COMPILED = 1_000;

    private final Templates templates;
    private final LinkTargets links;
    private final Composer composer;
    private final InstantSource clock;
    private final ExecutorService renderer =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("composer").daemon().factory());

    /** Touched by the renderer only. */
    private final Map<String, Kept> compiled = new HashMap<>();

    private record Kept(int version, @Nullable CompiledTemplate template) {}

    TemplateComposing(
            Templates templates, LinkTargets links, Composer composer, InstantSource clock) {
        this.templates = templates;
        this.links = links;
        this.composer = composer;
        this.clock = clock;
    }

    @Override
    public Uni<List<Composed>> compose(List<Claim> claims) {
        return templates
                .sources(claims.stream().map(Claim::template).collect(Collectors.toSet()))
                .emitOn(renderer)
                .map(sources -> render(claims, sources))
                .call(composed -> links.add(targets(composed), clock.instant()));
    }

    private List<Composed> render(List<Claim> claims, Map<String, Source> sources) {
        Instant now = clock.instant();
        return claims.stream()
                .map(claim -> composer.compose(claim, compiled(sources.get(claim.template())), now))
                .toList();
    }

    private @Nullable CompiledTemplate compiled(@Nullable Source source) {
        if (source == null) {
            return null;
        }
        Kept kept = compiled.get(source.key());
        if (kept == null || kept.version() != source.version()) {
            if (compiled.size() >= MOST_COMPILED) {
                compiled.clear();
            }
            kept = new Kept(source.version(), compile(source));
            compiled.put(source.key(), kept);
        }
        return kept.template();
    }

    /** A stored template was compiled once; one that does not any more counts as missing. */
    private static @Nullable CompiledTemplate compile(Source source) {
        return switch (CompiledTemplate.compile(source.document())) {
            case CompiledTemplate.Compiled(CompiledTemplate template) -> template;
            case CompiledTemplate.Refused(var flaws) -> null;
        };
    }

    private static List<Target> targets(List<Composed> composed) {
        return composed.stream()
                .filter(Ready.class::isInstance)
                .flatMap(ready -> ((Ready) ready).targets().stream())
                .toList();
    }

    @PreDestroy
    void stop() {
        renderer.shutdown();
    }
}
