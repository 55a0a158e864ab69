/**
 * Real servers for tests: private nodes of RabbitMQ and MariaDB, and Caravel itself as a process.
 * Each runs on free ports in a temporary directory and ends with the test JVM, however that ends.
 */
@NullMarked
package io.caravel.server;

import org.jspecify.annotations.NullMarked;
