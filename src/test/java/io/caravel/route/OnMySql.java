package io.caravel.route;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.test.context.TestPropertySource;

/** The same Caravel with its tables on a MySQL server; all such classes share one. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@TestPropertySource(
    inheritProperties = false, // of a class that has them for MariaDB: one context for all
    properties = {
      "caravel.home=${test.home}/mysql",
      "caravel.db.url=${test.mysql}",
      "caravel.db.user=${test.mysql-user}",
      "caravel.db.password=${test.mysql-password}"
    })
@interface OnMySql {}
