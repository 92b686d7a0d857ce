#!/usr/bin/env bash
# echarts 6.1.0 (zrender 6.1.0), server-side rendering to SVG, in Node.
# A font family with a space in its name is written in quotes in CSS, and so in option.textStyle.fontFamily. The canvas renderer takes it as
# it is. renderToSVGString copies it into style="..." without escaping, so that the first quote ends the attribute: the picture is no
# XML, and a browser or an image viewer shows an error in its place, or only the part before the first text. Texts themselves are escaped.
# The same family in single quotes gives XML.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund echarts@6.1.0 fast-xml-parser@5.2.5 >/dev/null 2>&1
seen=$(node -e '
const echarts = require("echarts");
const { XMLValidator } = require("fast-xml-parser");
for (const family of [`"Helvetica Neue", Arial`, `\u0027Helvetica Neue\u0027, Arial`]) {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 300, height: 200 });
  chart.setOption({
    textStyle: { fontFamily: family },
    title: { text: "a < b & \"c\"" },
    xAxis: { type: "category", data: ["a", "b"] },
    yAxis: {},
    series: [{ type: "line", data: [1, 2] }],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const verdict = XMLValidator.validate(svg);
  console.log(`${family}: ${verdict === true ? "XML" : `no XML (${verdict.err.code})`}; title escaped: ${svg.includes("a &lt; b &amp;")}`);
}')
echo "$seen"
[ "$seen" = "\"Helvetica Neue\", Arial: no XML (InvalidAttr); title escaped: true
'Helvetica Neue', Arial: XML; title escaped: true" ]
