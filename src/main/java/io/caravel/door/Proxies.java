package io.caravel.door;

import io.caravel.ground.CannotStart;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.security.web.util.matcher.IpAddressMatcher;
import org.springframework.stereotype.Component;

/** The reverse proxies whose word is taken for who asks, and how: CARAVEL_PROXIES. */
@Component
class Proxies {
  private static final String ADDRESS = "\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*";

  private final List<IpAddressMatcher> trusted;

  /**
   * @param addresses by commas: IPv4 or IPv6, each alone or a network such as 10.0.0.0/8
   * @throws CannotStart one is no address
   */
  Proxies(@Value("${caravel.proxies}") String addresses) {
    trusted =
        Arrays.stream(addresses.split(","))
            .map(String::strip)
            .filter(address -> !address.isEmpty())
            .map(Proxies::network)
            .toList();
  }

  private static IpAddressMatcher network(String address) {
    try {
      if (address.matches("(" + ADDRESS + ")(/\\d{1,3})?")) {
        return new IpAddressMatcher(address);
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw CannotStart.mendFirst(
        "CARAVEL_PROXIES names \"%s\": name addresses, such as 127.0.0.1, or networks, such as 10.0.0.0/8, with commas between."
            .formatted(address));
  }

  /** Whether an address is one of them. */
  boolean include(@Nullable String address) {
    if (address == null || trusted.isEmpty()) {
      return false;
    }
    try {
      return trusted.stream().anyMatch(network -> network.matches(address));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Who asks, where one of them passed the request on.
   *
   * @param forwarded the header X-Forwarded-For: the client, then each proxy but the last; what
   *     stands left of an address that is not trusted is that one's word alone
   * @param peer who sent it to us
   */
  String client(String peer, List<String> forwarded) {
    String client = peer;
    List<String> hops =
        forwarded.stream()
            .flatMap(line -> Arrays.stream(line.split(",")))
            .map(String::strip)
            .toList();
    for (int i = hops.size() - 1; i >= 0 && include(client); i--) {
      String hop = hops.get(i).replaceAll("^\\[|]$", "");
      if (!hop.matches(ADDRESS)) {
        break;
      }
      client = hop;
    }
    return client;
  }
}
