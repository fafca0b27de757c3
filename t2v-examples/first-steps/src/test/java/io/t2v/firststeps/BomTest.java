package io.t2v.firststeps;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The bill of materials has no parent, so its versions stand in it a second time. */
final class BomTest {
  @Test
  void namesTheVersionsThatTheBuildUses() throws Exception {
    Element bom = pom("../bom/pom.xml");
    Element parent = pom("../../pom.xml");
    Map<String, String> ofBuild = properties(parent);

    assertThat(properties(bom))
        .allSatisfy((name, value) -> assertThat(ofBuild).containsEntry(name, value));
    assertThat(child(bom, "version")).isEqualTo(child(parent, "version"));
    for (String name : new String[] {"groupId", "url", "scm"}) {
      assertThat(child(bom, name)).isEqualTo(child(parent, name));
    }
  }

  private static Element pom(String path) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(Path.of(path).toFile())
        .getDocumentElement();
  }

  private static Map<String, String> properties(Element pom) {
    NodeList children = pom.getElementsByTagName("properties").item(0).getChildNodes();
    Map<String, String> properties = new TreeMap<>();
    IntStream.range(0, children.getLength())
        .mapToObj(children::item)
        .filter(Element.class::isInstance)
        .forEach(property -> properties.put(property.getNodeName(), property.getTextContent()));
    return properties;
  }

  private static String child(Element pom, String name) {
    NodeList children = pom.getChildNodes();
    return IntStream.range(0, children.getLength())
        .mapToObj(children::item)
        .filter(node -> node.getNodeName().equals(name))
        .map(node -> node.getTextContent().replaceAll("\\s", ""))
        .findFirst()
        .orElseThrow();
  }
}
