package io.throughline.channel.dispatch;

import io.throughline.channel.route.Route;
import io.throughline.contracts.Channel;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The routes that are configured. Each adapter package produces its own. */
@Singleton
public class Routes {

    private final List<Route> routes;

    Routes(Instance<Route> configured) {
        List<Route> found = new ArrayList<>();
        for (Route route : configured) {
            // A producer gives null where its route is not configured.
            if (route != null) {
                found.add(route);
            }
        }
        this.routes = List.copyOf(found);
    }

    public List<Route> all() {
        return routes;
    }

    public List<Route> of(Channel channel) {
        return routes.stream().filter(route -> route.channel() == channel).toList();
    }

    public Set<Channel> channelsWithout() {
        Set<Channel> without = EnumSet.allOf(Channel.class);
        routes.forEach(route -> without.remove(route.channel()));
        return without;
    }
}
