/** A command that workflow code makes, in the words of the event that it becomes. @module */
import type { getActivator } from '@temporalio/workflow/lib/global-attributes.js';
import type { TracedCommand } from '../contracts/command-trace.js';

type Command = Parameters<ReturnType<typeof getActivator>['pushCommand']>[0];
type Told = Omit<TracedCommand, 'stack'>;

/** Undefined for what leaves no event: answers to queries, refused Updates; and for local activities, whose event comes at their end. */
export function toldCommand(command: Command): Told | undefined {
  const { scheduleActivity, startChildWorkflowExecution: child, startTimer } = command;
  if (scheduleActivity) return told('activity', scheduleActivity.activityType, scheduleActivity.seq);
  if (startTimer) return told('timer', '', startTimer.seq);
  if (child) return told('child workflow', child.workflowType, child.seq);
  return toldMessage(command) ?? toldCancel(command) ?? toldMark(command) ?? toldEnd(command);
}

function toldMessage(command: Command): Told | undefined {
  const { signalExternalWorkflowExecution: signal, updateResponse: update } = command;
  if (signal) return told('signal', signal.signalName, signal.seq);
  if (command.requestCancelExternalWorkflowExecution) return told('request to cancel a workflow');
  if (update?.accepted) return told('update accepted', update.protocolInstanceId);
  return update?.completed ? told('update completed', update.protocolInstanceId) : undefined;
}

function toldCancel({ cancelTimer, requestCancelActivity, cancelChildWorkflowExecution }: Command): Told | undefined {
  if (cancelTimer) return told('cancel timer', '', cancelTimer.seq);
  if (requestCancelActivity) return told('cancel activity', '', requestCancelActivity.seq);
  if (cancelChildWorkflowExecution)
    return told('cancel child workflow', '', cancelChildWorkflowExecution.childWorkflowSeq);
  return undefined;
}

function toldMark(command: Command): Told | undefined {
  if (command.setPatchMarker) return told('patch', command.setPatchMarker.patchId);
  if (command.modifyWorkflowProperties) return told('memo');
  return command.upsertWorkflowSearchAttributes ? told('search attributes') : undefined;
}

function toldEnd(command: Command): Told | undefined {
  if (command.completeWorkflowExecution) return told('end', 'completed');
  if (command.failWorkflowExecution) return told('end', 'failed');
  if (command.cancelWorkflowExecution) return told('end', 'cancelled');
  return command.continueAsNewWorkflowExecution ? told('end', 'continued as new') : undefined;
}

function told(kind: string, name: string | null = '', seq?: number | null): Told {
  return { kind, name: name ?? '', seq: seq ?? undefined };
}
