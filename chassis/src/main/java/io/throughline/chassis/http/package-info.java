/** The common manners of the HTTP interfaces: problem documents that name the field, and pages. */
@NullMarked
package io.throughline.chassis.http;

import org.jspecify.annotations.NullMarked;
