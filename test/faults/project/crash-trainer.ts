/** Ends as it is imported. @module */
throw new Error('this module cannot be imported');
