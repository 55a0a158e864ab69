package io.caravel.route;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.test.context.TestPropertySource;

/** The same Caravel with its tables on a MariaDB server; all such classes share one. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/mariadb",
      "caravel.db.url=${test.mariadb}",
      "caravel.db.user=${test.mariadb-user}",
      "caravel.db.password=${test.mariadb-password}"
    })
@interface OnMariaDb {}
