import { Simulation } from './simulation.ts';
import type { Script } from './step.ts';

/** How a script ended: with what failure, and what happened on the way. */
export interface ScriptResult {
  readonly failure: unknown;
  readonly trail: readonly string[];
}

/** Runs a script. */
export async function runScript(script: Script): Promise<ScriptResult> {
  const trail: string[] = [];
  try {
    await new Simulation(script, trail).run();
    return { failure: undefined, trail };
  } catch (failure) {
    return { failure, trail };
  }
}

/** The shortest part of a failing script that still fails: leaves out more and more, for as long as `budget` runs allow. */
export async function shrunk(script: Script, budget: number): Promise<Script> {
  let { steps } = script;
  let left = budget;
  for (let size = steps.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < steps.length && left > 0; left--) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
      const { failure } = await runScript({ ...script, steps: fewer });
      if (failure === undefined) at += size;
      else steps = fewer;
    }
  }
  return { ...script, steps };
}
