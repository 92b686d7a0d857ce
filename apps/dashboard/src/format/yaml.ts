import { Document, isCollection, isPair, visit, type Node } from 'yaml';

const isLeaf = (item: unknown): boolean => !isCollection(isPair(item) ? item.value : item);

/** A specification as people write it: what holds no further list or mapping, as a distribution or a stopping rule does, in one line. */
export function yaml(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Collection(key, node: Node) {
      if (key !== null && isCollection(node)) node.flow = node.items.every(isLeaf) && node.items.length < most;
    },
  });
  // A choice and its list are one line together.
  visit(document, {
    Map(key, node) {
      if (key !== null && node.items.length === 1 && isPair(node.items[0]) && isFlow(node.items[0].value))
        node.flow = true;
    },
  });
  return document.toString({ lineWidth: 100, flowCollectionPadding: false });
}

/** Entries that are read at a glance. */
const most = 6;

const isFlow = (value: unknown): boolean => isCollection(value) && value.flow === true;
