/**
 * Templates in Liquid: what is checked when they are put, and what they say to one customer. Pure.
 */
@NullMarked
package io.throughline.channel.template;

import org.jspecify.annotations.NullMarked;
