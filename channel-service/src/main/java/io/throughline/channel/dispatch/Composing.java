package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.Claim;
import io.throughline.channel.template.Composer.Composed;
import java.util.List;

/** Makes what leaves out of claims, in their order; the links of the result are stored. */
@FunctionalInterface
public interface Composing {

    Uni<List<Composed>> compose(List<Claim> claims);
}
