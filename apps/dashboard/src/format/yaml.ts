import { Document, isCollection, isPair, visit, type Node } from 'yaml';

const isLeaf = (item: unknown): boolean => !isCollection(isPair(item) ? item.value : item);

/** A specification as YAML in a compact style: collections of plain values, such as distributions, are written on one line. */
export function yaml(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Collection(key, node: Node) {
      if (key !== null && isCollection(node)) node.flow = node.items.every(isLeaf) && node.items.length < most;
    },
  });
  // A single-key map with an inline value, such as a choice, is inline as a whole.
  visit(document, {
    Map(key, node) {
      if (key !== null && node.items.length === 1 && isPair(node.items[0]) && isFlow(node.items[0].value))
        node.flow = true;
    },
  });
  return document.toString({ lineWidth: 100, flowCollectionPadding: false });
}

/** Collections with this many entries or more are written on several lines. */
const most = 6;

const isFlow = (value: unknown): boolean => isCollection(value) && value.flow === true;
