// The programs of the guide's page about frameworks, compiled as their build tools do it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile as compileSvelte } from 'svelte/compiler';
import ts from 'typescript';
import { compileScript, parse } from 'vue/compiler-sfc';

const guide = readFileSync(join(import.meta.dirname, 'react.md'), 'utf8');

const compilers = {
  js: (source) => source,
  jsx: (source) => {
    const compilerOptions = { jsx: ts.JsxEmit.ReactJSX, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    return ts.transpileModule(source, { compilerOptions }).outputText;
  },
  vue: (source) => {
    const { descriptor, errors } = parse(source);
    if (errors.length > 0) {
      throw errors[0];
    }

    return compileScript(descriptor, { id: 'guide', inlineTemplate: true }).content;
  },
  svelte: (source) => {
    const { js, warnings } = compileSvelte(source, { generate: 'client' });
    if (warnings.length > 0) {
      throw new Error(warnings.map(({ message }) => message).join('\n'));
    }

    return js.code;
  },
};

/** The files below a heading: their names in the guide, and their sources. */
export function filesOf(heading) {
  const section = guide.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const snippets = section.matchAll(/^```(\w+)\n(?:\/\/|<!--) src\/(\S+)[^\n]*\n(.*?)^```$/gms);
  return [...snippets].map(([, language, name, source]) => ({ language, name, source }));
}

let builds = 0;

/** Loads a module of the files below a heading, and its imports, as a page does that is opened or reloaded. */
export function load(heading, main, server) {
  const folder = join(import.meta.dirname, 'guide', `${builds++}`);
  mkdirSync(folder, { recursive: true });
  for (const { language, name, source } of filesOf(heading)) {
    const code = compilers[language](source.replaceAll('http://localhost:5080', server));
    writeFileSync(join(folder, moduleOf(name)), code.replaceAll(/'\.\/([\w.-]+)'/g, (_, path) => `'./${moduleOf(path)}'`));
  }

  return import(join(folder, moduleOf(main)));
}

/** The name of a compiled module, which Node can load. */
const moduleOf = (name) => `${name}.mjs`;
