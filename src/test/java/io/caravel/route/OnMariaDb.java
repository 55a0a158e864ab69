package io.caravel.route;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/**
 * The same Caravel with its tables on a MariaDB server. It ends with its class, since the server
 * may end before whatever is left at the end of the JVM.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@DirtiesContext
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/mariadb",
      "caravel.db.url=${test.mariadb}",
      "caravel.db.user=${test.mariadb-user}",
      "caravel.db.password=${test.mariadb-password}"
    })
@interface OnMariaDb {}
